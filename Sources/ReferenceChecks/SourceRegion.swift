/// A part of a line of a file. Columns count code units of UTF-16, as editors and SARIF do.
public struct SourceRegion: Sendable, Hashable {
    /// The line, from 1.
    public var line: Int
    /// The first column, from 1.
    public var column: Int
    /// The last line.
    public var endLine: Int
    /// The column behind the last.
    public var endColumn: Int

    /// Creates a region of one line.
    public init(line: Int, columns: Range<Int>) {
        self.init(line: line, column: columns.lowerBound, endLine: line, endColumn: columns.upperBound)
    }

    /// Creates a region from one place up to another.
    public init(line: Int, column: Int, endLine: Int, endColumn: Int) {
        self.line = line
        self.column = column
        self.endLine = endLine
        self.endColumn = endColumn
    }
}
