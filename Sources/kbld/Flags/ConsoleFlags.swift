import ArgumentParser

/// How output looks.
struct ConsoleFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Print as JSON.")
    var json = false

    @Option(
        name: .customLong("column"),
        help: ArgumentHelp("Print only this column.", discussion: "Repeatable.", valueName: "name")
    )
    var columns: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Print as on a terminal.", visibility: .hidden)
    )
    var tty = false

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Accepted for compatibility; has no effect.", visibility: .hidden)
    )
    var color = true

    @Flag(
        name: [.customLong("yes"), .customShort("y")],
        inversion: .prefixedNo,
        help: ArgumentHelp("Accepted for compatibility; has no effect.", visibility: .hidden)
    )
    var yes = false

    /// What the flags mean.
    var options: ConsoleOptions { ConsoleOptions(isJSON: json, columns: columns, isForTerminal: tty) }
}
