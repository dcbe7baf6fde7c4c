import DocumentInput

/// An argument that can't be meant.
public enum ArgumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A flag that is on or off has another value.
    case notBoolean(flag: String, value: String)
    /// A name that isn't UTF-8, where only files of documents may have one.
    case notText(String)
    /// The command has no such flag.
    case unknownFlag(String, advice: String)
    /// There is no such command.
    case unknownCommand(String, advice: String)
    /// The command takes no such argument.
    case unexpected(String, advice: String)
    /// A flag comes last, or before another one, without its value.
    case missingValue(flag: String, String, before: String?)
    /// A package is named where images are.
    case package(String, advice: String)
    /// A flag or an argument has a value that it doesn't take.
    case badValue(String, of: String, expected: String, nearest: String?)
    /// An argument of the command isn't there.
    case missingArgument(String, usage: String)
    /// A flag that the command can't do without isn't there.
    case missingFlag(String, String)

    /// What is wrong with it, and what helps.
    public var description: String {
        switch self {
        case .notBoolean(let flag, let value): "--\(flag) must be true or false, not '\(value)'"
        case .notText(let argument): "the argument '\(InputName.shown(argument))' is not UTF-8"
        case .unknownFlag(let flag, let advice): "unknown flag \(InputName.shown(flag)); \(advice)"
        case .unknownCommand(let word, let advice): "unknown command '\(InputName.shown(word))'; \(advice)"
        case .unexpected(let word, let advice):
            "unexpected argument '\(InputName.shown(word))'; \(InputName.shown(advice))"
        case .package(let path, let advice): "'\(InputName.shown(path))' is a package, not an image; \(advice)"
        case .missingValue(let flag, let value, let next):
            "\(flag) needs a value: \(flag) \(value)" + (next.map { " (\($0) follows)" } ?? "")
        case .badValue(let value, let name, let expected, let nearest):
            "\(name) must be \(expected), not '\(InputName.shown(value))'"
                + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .missingFlag(let flag, let value): "missing required option \(flag) \(value)"
        case .missingArgument(let argument, let usage): "\(argument) is missing; usage: \(usage)"
        }
    }
}
