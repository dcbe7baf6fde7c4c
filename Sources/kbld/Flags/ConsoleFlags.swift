import ArgumentParser

/// How output looks.
struct ConsoleFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Print as JSON.")
    var json = false

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
    var options: ConsoleOptions { ConsoleOptions(isJSON: json, isForTerminal: tty) }

    /// What the flags mean for a command that prints a table.
    func options(of columns: ColumnFlags<some TableColumns>) -> ConsoleOptions {
        ConsoleOptions(isJSON: json, columns: columns.columns, isForTerminal: tty)
    }
}
