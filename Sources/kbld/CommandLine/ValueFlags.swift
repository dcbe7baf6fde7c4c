/// The flags that take a value.
enum ValueFlags {
    /// Their names, without their dashes.
    static let names: Set<String> = [
        "build-concurrency", "column", "concurrency", "file", "idle-timeout", "image-map-file", "imgpkg-lock-output",
        "input", "listen", "lock-output", "output", "platform", "ready-file", "registry-ca-cert-path", "repository",
        "retries", "storage",
    ]

    /// The names of those that have a letter.
    static let letters: [Character: String] = ["f": "file", "i": "input", "o": "output", "r": "repository"]
}
