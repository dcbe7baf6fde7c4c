import ArgumentParser

/// What is logged on standard error.
struct LogFlags: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        name: .customLong("log-format"),
        help: ArgumentHelp("Log format on standard error: text, or json (one object per line).", valueName: "format")
    )
    var format = Format.text

    @Flag(inversion: .prefixedNo, help: "Log only errors.")
    var quiet = false

    /// What the flags mean.
    var options: LogOptions { LogOptions(isJSON: format == .json, isQuiet: quiet) }
}
