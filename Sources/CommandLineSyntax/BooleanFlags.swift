/// The flags that are on or off, and the values that programs in Go take for them.
package enum BooleanFlags {
    /// All flags that have a form `--no-NAME`, without their dashes.
    package static let names: Set<String> = [
        "access-log", "build", "color", "cosign", "debug", "deep", "default-tag", "diff", "dry-run", "exit-code",
        "git-ignored",
        "helm-tag-digest", "images-annotation", "in-place",
        "include-non-distributable", "json", "keep-going", "origins-annotation", "push", "quiet", "recheck",
        "record-tags",
        "referrers",
        "registry-insecure", "registry-verify-certs", "rename", "resolve", "resume", "sha256-file", "sort",
        "tag-with-origin",
        "tty", "undo", "unresolved-inspect", "update", "yes",
    ]

    /// All others, which are off where they aren't given.
    package static let plainNames: Set<String> = [
        "adopt", "allow-missing-platform", "allow-non-references", "allow-older", "candidates", "config", "detached",
        "docker-compatible", "help", "join", "keep-tags", "last", "mirror-config-diff", "offline", "only-documents",
        "password-stdin", "prereleases", "registry-mirror-only", "replace", "sparse", "verify", "version", "whole",
        "whole-file",
        "with-charts",
    ]

    /// The flags with a letter.
    package static let letters: Set<Character> = ["h", "y"]

    /// What `--flag=VALUE` may say.
    package static let values: [String: Bool] = [
        "true": true, "t": true, "1": true, "TRUE": true, "True": true, "T": true,
        "false": false, "f": false, "0": false, "FALSE": false, "False": false, "F": false,
    ]

    /// Whether `--NAME` is on or off, and takes no value.
    package static func contains(_ name: String) -> Bool {
        let positive = name.hasPrefix("no-") ? String(name.dropFirst(3)) : name
        return names.contains(positive) || plainNames.contains(name)
    }
}
