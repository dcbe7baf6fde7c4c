public import ContainerImage

/// Why an image can't be built.
public enum BuildError: MultilineError, Sendable {
    /// The program ended with a failure.
    case failed(command: String, status: String, lastLines: [String])
    /// The program can't be run at all.
    case notRun(program: String, reason: String)
    /// The source's folder can't be used.
    case badFolder(path: String, reason: String)
    /// The program's output lacks what is needed from it.
    case badOutput(program: String, lacks: String)
    /// Something that a destination says isn't usable.
    case badDestination(String, reason: String)

    /// What failed, with the program's last words.
    public var lines: [HintedText] {
        switch self {
        case .failed(let command, let status, let lastLines):
            ["'\(command)' failed: \(status)"] + lastLines.map { "  \($0)" }
        case .notRun(let program, let reason): ["running '\(program)': is it installed? (\(reason))"]
        case .badFolder(let path, let reason): ["the source's path '\(path)' \(reason)"]
        case .badOutput(let program, let lacks): ["the output of '\(program)' lacks \(lacks)"]
        case .badDestination(let destination, let reason): ["the destination '\(destination)': \(reason)"]
        }
    }
}
