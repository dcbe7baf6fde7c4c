/// The groups in which help lists flags, in their order. A flag is in the same group wherever it is.
enum FlagGroup: String, CaseIterable {
    case documents = "Documents"
    case images = "Images"
    case options = "Options"
    case destination = "Destination"
    case mirrors = "Mirrors"
    case signatures = "Signatures"
    case output = "Output"
    case server = "Server"
    case registries = "Registries"
    case general = "General"

    /// The group of a flag, by its long name; `options` for one that only a single command has.
    init(of flag: String) {
        self = Self.allCases.first { $0.flags.contains(flag) } ?? (flag.hasPrefix("registry-") ? .registries : .options)
    }

    /// Where a flag stands among all; those that aren't named come first in their group, as they were declared.
    func position(of flag: String) -> (group: Int, flag: Int) {
        (Self.allCases.firstIndex(of: self) ?? 0, flags.firstIndex(of: flag) ?? -1)
    }

    private var flags: [String] {
        switch self {
        case .documents:
            [
                "file", "image-list-file", "input", "image-map-file", "unresolved-inspect", "resolve", "sort", "type",
                "git-ignored", "find", "allow-non-references", "helm-arg", "with-charts",
            ]
        case .images:
            [
                "only", "skip", "platform", "sparse", "allow-missing-platform", "whole", "only-documents", "image",
                "config", "referrers", "cosign", "include-non-distributable", "base", "build",
                "build-concurrency", "offline",
            ]
        case .options:
            [
                "rules", "level", "ignore", "newer", "prereleases", "max-age", "deep", "against", "lock", "plan",
                "apply",
                "limit", "adopt", "map", "at", "tags", "from",
            ]
        case .destination:
            ["repository", "repository-layout", "tag-with-origin", "base-repository", "shard", "recheck"]
        case .mirrors:
            [
                "mirror-config", "mirror-config-format", "mirror-fallback", "mirror-host", "mirror-ca",
                "mirror-config-diff",
            ]
        case .signatures:
            [
                "verify-key", "verify-identity", "verify-identity-regexp", "verify-issuer", "verify-issuer-regexp",
                "trusted-root", "verify-policy", "verify-attestation", "signatures-report", "package-key", "threshold",
                "state", "allow-older", "key", "sign-key", "key-password-file", "sign-command", "sign-public-key",
                "package-name", "sequence", "detached", "whole-file",
            ]
        case .output:
            [
                "in-place", "diff", "output", "format", "name-by", "docker-compatible", "compress", "baseline",
                "fail-on", "unchecked", "failed", "record-tags",
                "sha256-file", "split", "volumes",
                "output-volume-command", "rename", "dry-run", "receipt", "resume",
                "resolved-output", "lock-output",
                "imgpkg-lock-output", "images-annotation", "keep-tags", "candidates", "origins-annotation", "html",
                "exit-code", "json", "column",
                "tty",
            ]
        case .server:
            ["storage", "listen", "tls-cert", "tls-key", "htpasswd", "ready-file", "access-log", "accept-sparse"]
        case .registries:
            [
                "registry-ca-cert-path", "registry-verify-certs", "registry-insecure", "idle-timeout", "retries",
                "registry-mirror", "registries-conf", "hosts-dir", "registry-mirror-only",
                "concurrency", "limit-rate", "requests-per-second", "upload-chunk",
            ]
        case .general: ["temp-dir", "quiet", "log-format", "debug", "version", "help"]
        }
    }
}
