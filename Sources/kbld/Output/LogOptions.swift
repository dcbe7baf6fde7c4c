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
    /// Whether requests to registries are logged.
    var logsRequests = false

    /// Whether `arguments` ask for JSON, as far as that shows before they are parsed.
    static func asksForJSON(_ arguments: [String]) -> Bool {
        let flag = "--log-format"
        var format: Substring?
        for (argument, next) in zip(arguments, arguments.dropFirst() + [""]) {
            if argument == "--" { break }
            if argument == flag { format = next[...] }
            if argument.hasPrefix(flag + "=") { format = argument.dropFirst(flag.count + 1) }
        }
        return format == "json"
    }

    /// Runs `body` and shows how far it is.
    ///
    /// - Parameters:
    ///   - command: The command, as log lines name it.
    ///   - copying: What it calls moving blobs.
    ///   - keeps: Whether blobs that have arrived stay there when the rest doesn't come.
    func withProgress<Value: Sendable>(
        of command: String,
        copying: String = "copying",
        keeps: Bool = false,
        _ body: (TransferProgress?) async throws -> Value
    ) async throws -> Value {
        guard !isQuiet else { return try await body(nil) }
        let progress = TransferProgress()
        let display = ProgressDisplay(form: form, command: command, text: ProgressText(copying: copying))
        // Cancelled and waited for when this returns or throws: the terminal is clean before anything else is written.
        async let _: Void = display.run(progress)
        do {
            return try await body(progress)
        } catch  where Task.isCancelled && keeps {
            throw InterruptedTransferError(progress.snapshot)
        }
    }

    private var form: ProgressDisplay.Form {
        if isJSON { return .events }
        let variables = ProcessInfo.processInfo.environment
        let terminal = variables["TERM"] ?? ""
        // Some CI systems have a terminal whose output nobody watches, and which is kept with all that was in it.
        let isWatched = ["", "false", "0"].contains(variables["CI"] ?? "")
        return isatty(STDERR_FILENO) == 1 && isWatched && !terminal.isEmpty && terminal != "dumb" ? .bar : .lines
    }
}
