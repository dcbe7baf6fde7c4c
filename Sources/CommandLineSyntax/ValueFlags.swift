/// The flags that take a value.
package enum ValueFlags {
    /// Their names, without their dashes.
    package static let names: Set<String> = [
        "accept-sparse", "against", "base", "base-repository", "build-concurrency", "column", "concurrency", "file",
        "form", "format", "html", "htpasswd", "idle-timeout", "image-list-file", "image-map-file",
        "imgpkg-lock-output", "input", "limit-rate", "listen", "lock-output", "log-format", "mirror-ca",
        "mirror-config", "mirror-config-format", "mirror-fallback", "mirror-host", "only", "output",
        "output-volume-command", "platform", "ready-file", "registry-ca-cert-path", "repository", "repository-layout",
        "resolved-output", "retries", "skip", "split", "storage", "tls-cert", "tls-key", "type", "upload-chunk",
        "username", "writable",
    ]

    /// The names of those that have a letter.
    package static let letters: [Character: String] = [
        "f": "file", "i": "input", "o": "output", "r": "repository", "u": "username",
    ]
}
