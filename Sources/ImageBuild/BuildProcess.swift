public import ContainerImage
import LibC
import Subprocess
import Synchronization
import SystemPackage

/// Runs the programs that build: without a shell, their output live under the image's name.
struct BuildProcess: Sendable {
    /// Takes a line of log; nil prefixes are the caller's.
    typealias Log = @Sendable (String) -> Void

    /// What the lines of output are written under: `IMAGE | `.
    let prefix: String
    let log: Log

    /// What a program printed.
    struct Output: Sendable {
        let standardOutput: String
        let standardError: String
    }

    /// The most that is kept of each output, in bytes; of more, the end.
    private static let limit = 4 << 20

    /// Writes a line under the prefix.
    func note(_ text: String) { log(prefix + text) }

    /// Runs `program` and waits for its end.
    ///
    /// The program has a process group of its own. When the task is cancelled, all that is in it is asked to end, and
    /// made to half a second later.
    ///
    /// - Parameters:
    ///   - folder: Where it runs; nil for here.
    ///   - isSilent: Whether its output is only returned.
    /// - Throws: `BuildError` when it can't be run, or ends with another status than 0.
    func run(
        _ program: String,
        _ arguments: [String],
        in folder: String? = nil,
        environment: [Environment.Key: String?] = [:],
        isSilent: Bool = false
    ) async throws -> Output {
        var options = PlatformOptions()
        options.processGroupID = 0
        let group = Mutex<pid_t?>(nil)
        // The program is gone then; what it started may not have listened.
        defer { if Task.isCancelled, let leader = group.withLock(\.self) { kill(-leader, SIGKILL) } }
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        do {
            let result = try await Subprocess.run(
                .name(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(environment),
                workingDirectory: folder.map { FilePath($0) },
                platformOptions: options,
                input: .none,
                output: .sequence,
                error: .sequence
            ) { execution in
                group.withLock { $0 = execution.processIdentifier.value }
                async let output = follow(execution.standardOutput, isSilent: isSilent)
                async let error = follow(execution.standardError, isSilent: isSilent)
                return Output(standardOutput: try await output, standardError: try await error)
            }
            guard result.terminationStatus.isSuccess else {
                try Task.checkCancellation()
                let status =
                    switch result.terminationStatus {
                    case .exited(let code): "exit status \(code)"
                    case .signaled(let signal): "ended by signal \(signal)"
                    }
                throw BuildError.failed(
                    command: Self.command(program, arguments),
                    status: status,
                    lastLines: Self.lastLines(of: result.closureResult)
                )
            }
            return result.closureResult
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw BuildError.notRun(program: program, reason: "\(error)")
        }
    }

    private func follow(_ sequence: SubprocessOutputSequence, isSilent: Bool) async throws -> String {
        var text = ""
        func take(_ piece: LineSplitter.Piece) {
            let line = Self.withoutColours(piece.text)
            if !isSilent { note(line) }
            text += line
            if piece.endsLine { text += "\n" }
            if text.utf8.count > 2 * Self.limit { text = String(decoding: text.utf8.suffix(Self.limit), as: UTF8.self) }
        }
        var lines = LineSplitter()
        for try await buffer in sequence {
            for piece in buffer.withUnsafeBytes({ lines.pieces(of: $0) }) { take(piece) }
        }
        if let last = lines.last() { take(last) }
        return text
    }

    /// A line without the colours that it has for a terminal: they would only be in the way.
    private static func withoutColours(_ line: String) -> String {
        line.utf8.contains(0x1B) ? line.replacing(#/\u{1B}\[[0-9;:]*m/#, with: "") : line
    }

    /// The program and its subcommand. Options may hold secrets.
    private static func command(_ program: String, _ arguments: [String]) -> String {
        ([program] + arguments.prefix { !$0.hasPrefix("-") }).joined(separator: " ")
    }

    private static func lastLines(of output: Output) -> [String] {
        let text = output.standardError.isEmpty ? output.standardOutput : output.standardError
        return text.split(separator: "\n").suffix(5).map(String.init)
    }
}

/// Why an image can't be built.
public enum BuildError: MultilineError, Sendable {
    /// The program ended with a failure.
    case failed(command: String, status: String, lastLines: [String])
    /// The program can't be run at all.
    case notRun(program: String, reason: String)
    /// The source's folder can't be used.
    case badFolder(path: String, reason: String)
    /// The program's output lacks what is needed from it.
    case badOutput(program: String, lacks: String)
    /// Something that a destination says isn't usable.
    case badDestination(String, reason: String)

    /// What failed, with the program's last words.
    public var lines: [HintedText] {
        switch self {
        case .failed(let command, let status, let lastLines):
            ["'\(command)' failed: \(status)"] + lastLines.map { "  \($0)" }
        case .notRun(let program, let reason): ["running '\(program)': is it installed? (\(reason))"]
        case .badFolder(let path, let reason): ["the source's path '\(path)' \(reason)"]
        case .badOutput(let program, let lacks): ["the output of '\(program)' lacks \(lacks)"]
        case .badDestination(let destination, let reason): ["the destination '\(destination)': \(reason)"]
        }
    }
}
