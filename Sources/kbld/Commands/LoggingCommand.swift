import ImageStore

/// A command that tells of its work on standard error.
protocol LoggingCommand {
    var logFlags: LogFlags { get }
}

extension LoggingCommand {
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
        try await logFlags.options.withProgress(of: command, copying: copying, keeps: keeps, body)
    }
}
