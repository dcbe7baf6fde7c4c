/// Why references can't be found in a file, or not be changed.
public struct SourceFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The line, from 1; nil where it is the whole file.
    public let line: Int?
    /// The column in bytes, from 1, where it is known.
    public let column: Int?
    /// What is wrong there.
    public let reason: String

    /// `deploy/app.yml:12:3: …`.
    public var description: String {
        "\(path)\(line.map { ":\($0)" } ?? "")\(column.map { ":\($0)" } ?? ""): \(reason)"
    }
}
