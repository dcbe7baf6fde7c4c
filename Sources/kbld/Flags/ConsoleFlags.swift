import ArgumentParser

/// How output looks.
struct ConsoleFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Print as JSON.")
    var json = false

    @Option(
        name: .customLong("column"),
        help: ArgumentHelp("Print only this column. Repeatable.", valueName: "name")
    )
    var columns: [String] = []

    @Flag(inversion: .prefixedNo, help: "Print as on a terminal.")
    var tty = false

    @Flag(inversion: .prefixedNo, help: "Accepted for compatibility; has no effect.")
    var color = true

    @Flag(
        name: [.customLong("yes"), .customShort("y")],
        inversion: .prefixedNo,
        help: "Accepted for compatibility; has no effect."
    )
    var yes = false

    /// What the flags mean.
    var options: ConsoleOptions { ConsoleOptions(isJSON: json, columns: columns, isForTerminal: tty) }
}
