import ArgumentParser
import KbldWorkflows

/// Which file says what is mirrored.
struct MirrorFileFlags: ParsableArguments {
    @OptionGroup var fileFlags: FileFlags

    @Option(
        help: ArgumentHelp(
            "Note here the dates of images, to ask once for each.",
            discussion: "Without this file the outcome is the same.",
            valueName: "file"
        ),
        completion: .file()
    )
    var state: String?

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard !fileFlags.files.isEmpty else {
            throw ValidationError("missing required option --file (the mirror file)")
        }
        guard fileFlags.names.count == 1 else { throw ValidationError("--file can be given once: one mirror file") }
        try Concurrency.check(concurrency)
    }

    /// What the flags mean.
    var options: MirroringWorkflow.Options {
        var options = MirroringWorkflow.Options(file: fileFlags.names.first ?? "-")
        options.memory = state
        options.concurrency = concurrency
        return options
    }
}
