/// The flags that take a value.
package enum ValueFlags {
    /// Their names, without their dashes.
    package static let names: Set<String> = [
        "accept-sparse", "address", "against", "apply", "arg", "at", "base", "base-repository", "baseline",
        "build-concurrency", "claim", "claim-file", "column", "compress", "concurrency", "fail-on", "failed",
        "file", "find", "form", "format", "from", "gone", "helm-arg", "hosts-dir", "html", "htpasswd", "idle-timeout",
        "ignore", "image", "image-list-file", "image-map-file", "imgpkg-lock-output", "input", "into",
        "job-name", "job-retries", "key", "key-password-file", "level", "limit", "limit-rate", "listen", "lock",
        "lock-output", "log-format", "login-config", "login-secret", "map", "max-age", "mirror-ca",
        "mirror-config", "mirror-config-format", "mirror-fallback", "mirror-host", "name-by", "namespace",
        "newer", "only", "output", "output-volume-command", "package-key", "package-name", "parallelism",
        "plan", "platform", "ready-file", "receipt", "registries-conf", "registry-ca-cert-path",
        "registry-mirror", "repository", "repository-layout", "requests-per-second", "resolved-output",
        "retries", "rules", "sequence", "shard", "shards", "sign-command", "sign-key", "sign-public-key",
        "signatures-report", "skip", "split", "state", "storage", "tags", "temp-dir", "threshold", "tls-cert",
        "tls-key",
        "tool-image", "trusted-root", "type", "unchecked", "upload-chunk", "username", "verify-attestation",
        "verify-identity", "verify-identity-regexp", "verify-issuer", "verify-issuer-regexp", "verify-key",
        "verify-policy", "volumes", "writable",
    ]

    /// Those for which completions are offered beside which they take other values, with their dashes.
    package static let open: Set<String> = [
        "--accept-sparse", "--column", "--compress", "--find", "--into", "--upload-chunk",
    ]

    /// The names of those that have a letter.
    package static let letters: [Character: String] = [
        "f": "file", "i": "input", "o": "output", "r": "repository", "u": "username",
    ]
}
