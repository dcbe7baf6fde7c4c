/// The reason a file has no usable policy.
public struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// Where in it, as a path of keys; empty for the whole.
    public let field: String
    /// What is wrong.
    public let reason: String

    init(_ path: String, _ field: String, _ reason: String) {
        self.path = path
        self.field = field
        self.reason = reason
    }

    /// What is wrong, with the file and the place.
    public var description: String {
        "the signature policy '\(path)' is invalid: \(field.isEmpty ? "" : "\(field): ")\(reason)"
    }
}
