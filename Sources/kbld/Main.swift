import ArgumentParser
import ContainerImage
import LibC
import Packages

/// Runs the command line: errors are printed once, signals end transfers and leave no half-written file.
@main
struct Main {
    static func main() {
        do {
            try Descriptors.prepare()
        } catch {
            Log.error(["\(error)"])
            exit(1)
        }
        guard let arguments = ProcessArguments.all else {
            Log.error(["the program was started without arguments, not even its own name"])
            exit(1)
        }
        signal(SIGPIPE, SIG_IGN)
        // A file that grows beyond what is allowed is then an error like others.
        signal(SIGXFSZ, SIG_IGN)
        Interruption.block()
        let work = Task.detached { await run(arguments) }
        let sources = Interruption.signals.map { Interruption.watch($0, cancelling: work) }
        Task.detached {
            let status = await work.value
            // After a signal, the one who watches for it ends the process, with a status that tells it.
            if work.isCancelled { try? await Task.sleep(for: .seconds(2)) }
            exit(status)
        }
        // An asynchronous `main` would end this thread while the process goes on, which needs the tables by which frames
        // are unwound, and the program has none. So nothing may ask for the main actor or its queue: nobody serves them.
        withExtendedLifetime(sources) {
            while true { pause() }
        }
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        var isServer = false
        do {
            // Mistakes among the arguments are told in the same form.
            StandardError.shared.configure(LogOptions(isJSON: LogOptions.asksForJSON(arguments)))
            let arguments = try CommandLineArguments(arguments)
            StandardError.shared.setCommand(arguments.name)
            if arguments.asksForHelp {
                try arguments.checkTopic()
                try StandardOutput.write(HelpText.text(for: arguments.path))
                return 0
            }
            if arguments.isBare(VersionCommand.self) {
                try VersionCommand.run()
                return 0
            }
            var command = try arguments.parsed()
            if let options = (command as? any LoggingCommand)?.logFlags.options {
                StandardError.shared.configure(options)
            }
            isServer = command is ServeCommand || command is ServeRegistryCommand
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error, isServer: isServer)
        }
    }

    /// Help and versions go to standard output; everything else is an error.
    private static func report(_ error: any Error, isServer: Bool) -> Int32 {
        if Kbld.exitCode(for: error) == .success {
            do {
                try StandardOutput.write(Kbld.fullMessage(for: error) + "\n")
                return 0
            } catch {
                Log.error(["\(error)"])
                return 1
            }
        }
        // What is cancelled may say so in many ways; the status that follows tells the signal.
        if Task.isCancelled {
            // A server serves until then.
            if !isServer {
                Log.interruption(
                    (error as? UnfinishedPackageError)?.advice ?? (error as? InterruptedTransferError)?.advice
                )
            }
            return 1
        }
        // Only a signal's cancellation goes without an error.
        if error is CancellationError {
            Log.error(["the work was cancelled although nobody interrupted it; run the command again"])
            return 1
        }
        // A status without a word: the output has said it.
        if let code = error as? ExitCode { return code.rawValue }
        Log.error(error is any HintedError ? Hints.lines(describing: error) : [Kbld.message(for: error)])
        return 1
    }
}
