public import KbldConfiguration

/// A file that people write, and the image references in it.
///
/// Nothing is written to disk here. Edits come as a list, and what comes of them is read again: it must say the same as
/// before but for the references that were edited.
public struct SourceFile: Sendable {
    /// The path, as it is shown.
    public let path: String
    /// What is in it.
    public let bytes: [UInt8]
    /// What it is.
    public let kind: SourceFileKind

    /// Creates a file of a known kind.
    public init(path: String, bytes: [UInt8], kind: SourceFileKind) {
        self.path = path
        self.bytes = bytes
        self.kind = kind
    }

    /// The references in the order in which they are written, those included that can't be edited.
    ///
    /// - Parameter rules: Where Kubernetes documents have references, `Configuration.rules`.
    /// - Throws: `SourceFileError` with the line for a file that can't be read as what it is.
    public func references(
        by rules: [SearchRule] = SearchRule.defaults
    ) throws(SourceFileError) -> [SourceReference] {
        try read(by: rules).references
    }

    /// Texts that could be references, with a host and a tag or digest, in places where none are looked for.
    ///
    /// - Throws: `SourceFileError` as above.
    public func overlooked(
        by rules: [SearchRule] = SearchRule.defaults
    ) throws(SourceFileError) -> [SourceReference] {
        try read(by: rules).overlooked
    }

    /// Both of these, after reading the file once.
    ///
    /// - Throws: `SourceFileError` as above.
    public func allReferences(
        by rules: [SearchRule] = SearchRule.defaults
    ) throws(SourceFileError) -> (references: [SourceReference], overlooked: [SourceReference]) {
        let reading = try read(by: rules)
        return (reading.references, reading.overlooked)
    }

    func read(by rules: [SearchRule]) throws(SourceFileError) -> SourceReading {
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            throw SourceFileError(path: path, line: nil, column: nil, reason: "it is in UTF-16; write it in UTF-8")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw SourceFileError(path: path, line: nil, column: nil, reason: "it is not text in UTF-8")
        }
        switch kind {
        case .dockerfile: return DockerfileReading.read(self)
        case .list: return LineReading.list(self)
        case .quadlet: return LineReading.quadlet(self)
        default: return try YAMLReading.read(self, by: rules)
        }
    }
}

extension SourceFile {
    /// The places of the bytes at `offsets`.
    public func positions(of offsets: [Int]) -> [SourcePosition] {
        let lines = LineTable(of: bytes)
        return offsets.map { lines.position($0) }
    }
}
