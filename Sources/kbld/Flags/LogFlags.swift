import ArgumentParser
import FoundationEssentials
import Glibc
import ImageStore
import Presentation

/// What is told on standard error.
struct LogFlags: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        name: .customLong("log-format"),
        help: ArgumentHelp("The log on standard error: text, or json for one object a line.", valueName: "format")
    )
    var format = Format.text

    @Flag(inversion: .prefixedNo, help: "Log nothing but errors.")
    var quiet = false

    /// Makes standard error what the flags say.
    func apply() {
        StandardError.shared.configure(isJSON: format == .json, isQuiet: quiet)
    }

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
        guard !quiet else { return try await body(nil) }
        let progress = TransferProgress()
        let display = ProgressDisplay(form: form, command: command, text: ProgressText(copying: copying))
        // Cancelled and waited for when this returns or throws: the terminal is clean before anything else is written.
        async let _: Void = display.run(progress)
        return try await body(progress)
    }

    private var form: ProgressDisplay.Form {
        if format == .json { return .events }
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return isatty(STDERR_FILENO) == 1 && !terminal.isEmpty && terminal != "dumb" ? .bar : .lines
    }
}

/// A command with these flags.
protocol LoggingCommand {
    var logFlags: LogFlags { get }
}
