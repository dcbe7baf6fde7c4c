/// A place in a file.
public struct SourcePosition: Sendable, Hashable {
    /// How many bytes come before it.
    public let offset: Int
    /// The line, from 1.
    public let line: Int
    /// The column in bytes of UTF-8, from 1.
    public let column: Int
    /// The column in code units of UTF-16, from 1, as SARIF and editors count.
    public let utf16Column: Int
}
