import ArgumentParser
import Dispatch
import Glibc

/// Runs the command line: errors are printed once, signals end transfers and leave no half-written file.
@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        signal(SIGPIPE, SIG_IGN)
        // A file that grows beyond what is allowed is then an error like others.
        signal(SIGXFSZ, SIG_IGN)
        let work = Task { await run(arguments) }
        let sources = [SIGINT, SIGTERM].map { Interruption.watch($0, cancelling: work) }
        let status = await work.value
        // After a signal, the one who watches for it ends the process, with a status that tells it.
        if work.isCancelled { try? await Task.sleep(for: .seconds(2)) }
        withExtendedLifetime(sources) {}
        exit(status)
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            let arguments = try CommandLineArguments(arguments)
            if arguments.asksForHelp {
                if let topic = arguments.unknownTopic { Log.write("kbld: there is no command '\(topic)'") }
                try StandardOutput.write(HelpText.text(for: arguments.command) + "\n")
                return 0
            }
            var command = try arguments.parsed()
            (command as? any LoggingCommand)?.logFlags.apply()
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
        // What is cancelled may say so in many ways; the status that follows tells the signal.
        if error is CancellationError || Task.isCancelled { return 1 }
        // A status without a word: the output has said it.
        if let code = error as? ExitCode { return code.rawValue }
        Log.error(Kbld.message(for: error))
        return 1
    }
}
