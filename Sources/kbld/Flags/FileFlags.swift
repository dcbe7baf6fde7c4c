import ArgumentParser

/// Which documents are read.
struct FileFlags: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .customLong("file")],
        help: ArgumentHelp(
            "File, folder, URL, or - for standard input.",
            discussion: "URLs are http or https ones. Repeatable.",
            valueName: "file"
        )
    )
    var files: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Accepted for compatibility; the order is kept.", visibility: .hidden)
    )
    var sort = true

    /// The files, folders and addresses, in their order; some may have been given in one word.
    var names: [String] { files.flatMap { $0.split(separator: ",").map(String.init) } }
}
