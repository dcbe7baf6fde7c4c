import ArgumentParser

/// Which files are looked at as people write them.
struct SourceFileFlags: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .customLong("file")],
        help: ArgumentHelp(
            "File or folder, or - for standard input.",
            discussion: "Repeatable.",
            valueName: "file"
        )
    )
    var files: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Accepted for compatibility; the order is kept.", visibility: .hidden)
    )
    var sort = true

    /// The files and folders, in their order; some may have been given in one word.
    var names: [String] { files.flatMap { $0.split(separator: ",").map(String.init) } }

    /// Makes sure that no address is among `names`.
    ///
    /// - Throws: `ValidationError` naming it.
    static func refuseAddresses(_ names: [String], beingDone done: String) throws {
        guard let address = names.first(where: { $0.hasPrefix("http://") || $0.hasPrefix("https://") }) else { return }
        throw ValidationError("'\(address)' is an address; only files and folders can be \(done)")
    }
}
