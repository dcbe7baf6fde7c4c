import ArgumentParser

/// What the other side has already.
struct BaseFlags: ParsableArguments {
    @Option(
        name: .customLong("base"),
        help: ArgumentHelp(
            "Leave out layers that the other side has: those of an earlier package, of the images of documents or a "
                + "lock file, or of a repository. May be given several times.",
            valueName: "file|repository"
        )
    )
    var bases: [String] = []
}
