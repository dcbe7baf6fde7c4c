import KubernetesYAML

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

    /// Creates an error.
    public init(path: String, line: Int? = nil, column: Int? = nil, reason: String) {
        self.path = path
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// `deploy/app.yml:12:3: …`.
    public var description: String {
        "\(path)\(line.map { ":\($0)" } ?? "")\(column.map { ":\($0)" } ?? ""): \(reason)"
    }
}

extension SourceFileError {
    /// What a reader of YAML says of a file, in the words for one with a template's actions where it has those.
    init(_ error: YAMLError, in file: SourceFile) {
        let isTemplate = file.bytes.firstRange(of: "{{".utf8) != nil && file.bytes.firstRange(of: "}}".utf8) != nil
        self.init(
            path: file.path,
            line: error.line,
            column: error.column,
            reason: isTemplate
                ? "this is a template; pin its values instead (\(error.explanation))" : error.explanation
        )
    }
}
