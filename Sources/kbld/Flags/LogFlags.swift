import ArgumentParser

/// What is told on standard error.
struct LogFlags: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        name: .customLong("log-format"),
        help: ArgumentHelp("The log on standard error: text, or json for one object a line.", valueName: "format")
    )
    var format = Format.text

    @Flag(inversion: .prefixedNo, help: "Log only errors.")
    var quiet = false

    /// What the flags mean.
    var options: LogOptions { LogOptions(isJSON: format == .json, isQuiet: quiet) }
}
