import ContainerImage

/// Lines on standard error.
struct Log: Sendable {
    /// What each line begins with: `resolve | `.
    let prefix: String

    /// One line, with the prefix.
    func line(_ text: String) {
        StandardError.shared.line(prefix, text, command: command)
    }

    /// Takes lines whose hints aren't in words yet.
    var sink: @Sendable (HintedText) -> Void { { line(Hints.text($0)) } }

    /// Takes errors that don't end the command; they are shown in any case.
    var errorSink: @Sendable (HintedText) -> Void {
        {
            let text = Redaction.text(Hints.text($0))
            StandardError.shared.line(prefix, "Error: " + text, level: .error, command: command)
        }
    }

    /// One line without a prefix.
    static func write(_ text: String) {
        StandardError.shared.line("", text)
    }

    /// What is probably not meant, or not safe.
    static func warning(_ text: HintedText) {
        StandardError.shared.line(warningPrefix, Redaction.text(Hints.text(text)), level: .warning)
    }

    /// What a warning begins with, where the log is text.
    static let warningPrefix = "kbld: Warning: "

    /// An error, which is shown in any case.
    ///
    /// - Parameter lines: What describes it.
    static func error(_ lines: [String]) {
        StandardError.shared.lines("kbld: Error: ", lines.map(Redaction.text), level: .error)
    }

    /// That the work was broken off, in one line, which is shown in any case.
    ///
    /// - Parameter advice: What is left of it.
    static func interruption(_ advice: String?) {
        let line = ["interrupted"] + (advice.map { [$0] } ?? [])
        StandardError.shared.line("kbld: ", line.joined(separator: "; "), level: .error)
    }

    /// The command that the lines come from.
    var command: String {
        String(prefix.prefix { $0 != " " })
    }
}
