/// What is wrong in a file that says what is mirrored, and where.
public struct MirrorDocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The path within the document: `images[0].tags`; empty for the whole.
    public let field: String
    /// What is wrong.
    public let reason: String

    /// The file and line, and what is wrong.
    public var description: String {
        "Reading '\(file)', line \(line): \(field.isEmpty ? "" : "\(field): ")\(reason)"
    }
}
