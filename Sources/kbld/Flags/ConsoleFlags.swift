import ArgumentParser

/// How output looks.
struct ConsoleFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Print as JSON.")
    var json = false

    @Option(
        name: .customLong("column"),
        help: ArgumentHelp("Print only this column; may be given several times.", valueName: "name")
    )
    var columns: [String] = []

    @Flag(inversion: .prefixedNo, help: "Print as on a terminal.")
    var tty = false

    @Flag(inversion: .prefixedNo, help: "Use colors.")
    var color = true

    @Flag(name: [.customLong("yes"), .customShort("y")], inversion: .prefixedNo, help: "Assume yes for any prompt.")
    var yes = false

    /// What the flags mean.
    var options: ConsoleOptions { ConsoleOptions(isJSON: json, columns: columns, isForTerminal: tty) }
}
