/// One document of a file: its value and where it stood.
public struct YAMLDocument: Sendable, Hashable {
    /// What the document says.
    public var value: YAMLValue
    /// The file that it is from.
    public let file: String
    /// Which document of the file it is, from 1.
    public let index: Int
    /// The line of the file on which it begins, from 1.
    public let line: Int

    /// Creates a document.
    public init(value: YAMLValue, file: String, index: Int, line: Int) {
        self.value = value
        self.file = file
        self.index = index
        self.line = line
    }
}
