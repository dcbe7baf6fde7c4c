import FoundationEssentials
import LibC
import Subprocess
import Synchronization
import SystemPackage

/// The programs of this machine.
package struct InstalledPrograms: BuildPrograms {
    private let path: String

    /// The most that is kept of each output, in bytes; of more, the end.
    private static let limit = 4 << 20

    /// The programs in the folders of `path`, as `PATH` has them.
    package init(path: String) { self.path = path }

    package func has(_ program: String) -> Bool {
        path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    /// Runs a program and waits for its end.
    ///
    /// It has a process group of its own. When the task is cancelled, all that is in it is asked to end, and made to half
    /// a second later.
    package func run(_ call: ProgramCall, line: @escaping @Sendable (String) -> Void) async throws -> ProgramOutput {
        var options = PlatformOptions()
        options.processGroupID = 0
        let group = Mutex<pid_t?>(nil)
        // The program is gone then; what it started may not have listened.
        defer { if Task.isCancelled, let leader = group.withLock(\.self) { kill(-leader, SIGKILL) } }
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        var environment: [Environment.Key: String?] = [:]
        for (name, value) in call.environment {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        do {
            let result = try await Subprocess.run(
                .name(call.program),
                arguments: Arguments(call.arguments),
                environment: .inherit.updating(environment),
                workingDirectory: call.folder.map { FilePath($0) },
                platformOptions: options,
                input: .none,
                output: .sequence,
                error: .sequence
            ) { execution in
                group.withLock { $0 = execution.processIdentifier.value }
                async let output = Self.follow(execution.standardOutput, line)
                async let error = Self.follow(execution.standardError, line)
                return ProgramOutput(standardOutput: try await output, standardError: try await error)
            }
            guard result.terminationStatus.isSuccess else {
                try Task.checkCancellation()
                let status =
                    switch result.terminationStatus {
                    case .exited(let code): "exit status \(code)"
                    case .signaled(let signal): "ended by signal \(signal)"
                    }
                throw BuildError.failed(
                    command: Self.command(call),
                    status: status,
                    lastLines: Self.lastLines(of: result.closureResult)
                )
            }
            return result.closureResult
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw BuildError.notRun(program: call.program, reason: "\(error)")
        }
    }

    private static func follow(
        _ sequence: SubprocessOutputSequence,
        _ note: (String) -> Void
    ) async throws -> String {
        var text = ""
        func take(_ piece: LineSplitter.Piece) {
            let line = withoutColours(piece.text)
            note(line)
            text += line
            if piece.endsLine { text += "\n" }
            if text.utf8.count > 2 * limit { text = String(decoding: text.utf8.suffix(limit), as: UTF8.self) }
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
    private static func command(_ call: ProgramCall) -> String {
        ([call.program] + call.arguments.prefix { !$0.hasPrefix("-") }).joined(separator: " ")
    }

    private static func lastLines(of output: ProgramOutput) -> [String] {
        let text = output.standardError.isEmpty ? output.standardOutput : output.standardError
        return text.split(separator: "\n").suffix(5).map(String.init)
    }
}
