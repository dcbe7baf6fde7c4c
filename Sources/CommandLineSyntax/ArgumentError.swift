import DocumentInput

/// An argument that can't be meant.
public enum ArgumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A flag that is on or off has another value.
    case notBoolean(flag: String, value: String)
    /// A name that isn't UTF-8, where only files of documents may have one.
    case notText(String)

    /// What is wrong with it.
    public var description: String {
        switch self {
        case .notBoolean(let flag, let value): "--\(flag) must be true or false, not '\(value)'"
        case .notText(let argument): "the argument '\(InputName.shown(argument))' is not UTF-8"
        }
    }
}
