/// A change of a file: bytes that take the place of others.
public struct SourceEdit: Sendable, Hashable {
    /// The bytes that are replaced; empty where some are inserted.
    public var range: Range<Int>
    /// What takes their place.
    public var replacement: String

    /// Creates an edit.
    public init(range: Range<Int>, replacement: String) {
        self.range = range
        self.replacement = replacement
    }
}
