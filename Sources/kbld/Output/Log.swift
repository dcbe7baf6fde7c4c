import Glibc

/// Lines on standard error.
struct Log: Sendable {
    /// What each line begins with: `resolve | `.
    let prefix: String

    /// One line, with the prefix.
    func line(_ text: String) {
        Self.write(prefix + text)
    }

    /// One line, as a whole so that lines of several tasks don't mix.
    static func write(_ text: String) {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
