import ArgumentParser
import Dispatch
import Glibc

/// Runs the command line: errors are printed once, signals end transfers and leave no half-written file.
@main
struct Main {
    static func main() async {
        let arguments = BooleanFlags.normalized(Array(CommandLine.arguments.dropFirst()))
        let work = Task { await run(arguments) }
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                work.cancel()
                // What is under way ends and cleans up at once; this is for what can't be interrupted.
                DispatchQueue.global().asyncAfter(deadline: .now() + 1) { _exit(128 + number) }
                Task {
                    _ = await work.value
                    _exit(128 + number)
                }
            }
            source.activate()
            return source
        }
        signal(SIGPIPE, SIG_IGN)
        let status = await work.value
        for source in signals where source.isCancelled { return }
        exit(status)
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try Kbld.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error)
        }
    }

    /// Help and versions go to standard output; everything else is an error.
    private static func report(_ error: any Error) -> Int32 {
        if Kbld.exitCode(for: error) == .success {
            return (try? StandardOutput.write(Kbld.fullMessage(for: error) + "\n")) == nil ? 1 : 0
        }
        if error is CancellationError { return 1 }
        Log.write("kbld: Error: \(Kbld.message(for: error))")
        return 1
    }
}
