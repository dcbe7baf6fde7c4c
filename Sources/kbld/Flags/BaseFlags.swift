import ArgumentParser

/// What the other side has already.
struct BaseFlags: ParsableArguments {
    @Option(
        name: .customLong("base"),
        help: ArgumentHelp(
            "Omit layers that this has: a delta.",
            discussion: "It is what the destination has already: a previous package, documents or a lock file, or a "
                + "repository. Repeatable.",
            valueName: "file|repository"
        )
    )
    var bases: [String] = []
}
