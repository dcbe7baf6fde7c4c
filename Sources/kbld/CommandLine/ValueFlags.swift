/// The flags that take a value.
enum ValueFlags {
    /// Their names, without their dashes.
    static let names: Set<String> = [
        "against", "base", "base-repository", "build-concurrency", "column", "concurrency", "file", "format", "html",
        "htpasswd", "idle-timeout", "image-map-file", "imgpkg-lock-output", "input", "listen", "lock-output",
        "log-format", "output", "platform", "ready-file", "registry-ca-cert-path", "repository", "repository-layout",
        "retries", "storage", "tls-cert", "tls-key", "writable",
    ]

    /// The names of those that have a letter.
    static let letters: [Character: String] = ["f": "file", "i": "input", "o": "output", "r": "repository"]
}
