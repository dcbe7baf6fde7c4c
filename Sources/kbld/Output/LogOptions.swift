import FoundationEssentials
import ImageStore
import LibC
import Presentation

/// What is logged on standard error.
struct LogOptions: Sendable {
    /// Whether each line is a JSON object.
    var isJSON = false
    /// Whether only errors are logged.
    var isQuiet = false

    /// Runs `body` and shows how far it is.
    ///
    /// - Parameters:
    ///   - command: The command, as log lines name it.
    ///   - copying: What it calls moving blobs.
    func withProgress<Value: Sendable>(
        of command: String,
        copying: String = "copying",
        _ body: (TransferProgress?) async throws -> Value
    ) async throws -> Value {
        guard !isQuiet else { return try await body(nil) }
        let progress = TransferProgress()
        let display = ProgressDisplay(form: form, command: command, text: ProgressText(copying: copying))
        // Cancelled and waited for when this returns or throws: the terminal is clean before anything else is written.
        async let _: Void = display.run(progress)
        return try await body(progress)
    }

    private var form: ProgressDisplay.Form {
        if isJSON { return .events }
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return isatty(STDERR_FILENO) == 1 && !terminal.isEmpty && terminal != "dumb" ? .bar : .lines
    }
}
