/// Lines on standard error.
struct Log: Sendable {
    /// What each line begins with: `resolve | `.
    let prefix: String

    /// One line, with the prefix.
    func line(_ text: String) {
        StandardError.shared.line(prefix, text, command: command)
    }

    /// One line without a prefix.
    static func write(_ text: String) {
        StandardError.shared.line("", text)
    }

    /// An error, which is shown in any case.
    static func error(_ text: String) {
        StandardError.shared.line("kbld: Error: ", text, level: .error)
    }

    private var command: String {
        String(prefix.prefix { $0 != " " })
    }
}
