import ArgumentParser

/// Where packages that are compressed are decompressed.
struct TemporaryFolderFlags: ParsableArguments {
    @Option(
        name: .customLong("temp-dir"),
        help: ArgumentHelp(
            "Where a compressed package is unpacked.",
            discussion:
                "A package that gzip or zstd compressed is decompressed into a file without a name, and a stream that must be "
                + "readable at any place is kept there. The default is $TMPDIR, else /var/tmp.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var folder: String?

    func validate() throws {
        guard folder?.isEmpty != true else { throw ValidationError("--temp-dir needs a folder") }
    }
}
