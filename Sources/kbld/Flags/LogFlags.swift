import ArgumentParser

/// What is logged on standard error.
struct LogFlags: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        name: .customLong("log-format"),
        help: ArgumentHelp(
            "Log as text or json.",
            discussion: "The log goes to standard error; as JSON it has an object a line, errors too.",
            valueName: "format"
        )
    )
    var format = Format.text

    @Flag(inversion: .prefixedNo, help: "Log only errors.")
    var quiet = false

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Log requests to registries.",
            discussion: "A line for each, with status, duration and bytes, and without secrets."
        )
    )
    var debug = false

    func validate() throws {
        guard !debug || !quiet else { throw ValidationError("--debug and --quiet are mutually exclusive") }
    }

    /// What the flags mean.
    var options: LogOptions { LogOptions(isJSON: format == .json, isQuiet: quiet, logsRequests: debug) }
}
