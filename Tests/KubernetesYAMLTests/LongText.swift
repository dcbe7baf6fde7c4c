import Testing

/// A text of which a log needs the beginning alone.
struct LongText: Sendable, CustomTestStringConvertible {
    let text: String

    init(_ text: String) { self.text = text }

    var testDescription: String { "\(text.prefix(30).debugDescription)… (\(text.utf8.count) bytes)" }
}
