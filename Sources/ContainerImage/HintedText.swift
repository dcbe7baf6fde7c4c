/// A text with hints in it, which are left out or put into words when it is printed.
///
/// What is interpolated brings its own hints along, errors as well as texts:
/// `"Reading '\(path)': \(error)\(hint: .mergeDelta, after: "; ")"`.
public struct HintedText: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(String)
        case hint(Hint, after: String, before: String)
    }

    private var parts: [Part] = []

    /// Creates a text without hints.
    public init(_ text: String) { parts = text.isEmpty ? [] : [.text(text)] }

    /// Creates the description of `error`, on one line unless the error has several.
    public init(describing error: any Error) {
        self = (error as? any HintedError)?.message ?? HintedText(String(describing: error))
    }

    /// The hints, in their order.
    public var hints: [Hint] {
        parts.compactMap { if case .hint(let hint, _, _) = $0 { hint } else { nil } }
    }

    /// The whole text.
    ///
    /// - Parameter wording: The words for a hint, nil to leave it out.
    public func text(wording: (Hint) -> String?) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .hint(let hint, let after, let before): wording(hint).map { after + $0 + before } ?? ""
            }
        }
        .joined()
    }

    /// One text behind the other.
    public static func + (left: HintedText, right: HintedText) -> HintedText {
        var text = left
        text += right
        return text
    }

    /// Puts another text at the end.
    public static func += (left: inout HintedText, right: HintedText) {
        guard case .text(let first)? = left.parts.last, case .text(let second)? = right.parts.first else {
            return left.parts += right.parts
        }
        // Equal texts have equal parts, however they were put together.
        left.parts[left.parts.count - 1] = .text(first + second)
        left.parts += right.parts.dropFirst()
    }
}

extension HintedText: CustomStringConvertible {
    /// The text without its hints.
    public var description: String { text { _ in nil } }
}

extension HintedText: Encodable {
    /// Encodes the text without its hints.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension HintedText: ExpressibleByStringInterpolation {
    /// Gathers the parts of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = HintedText("")

        /// Creates an empty interpolation.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Text of the literal itself.
        public mutating func appendLiteral(_ literal: String) { text += HintedText(literal) }

        /// Any value; errors and texts with their hints.
        public mutating func appendInterpolation(_ value: some Any) {
            switch value {
            case let value as HintedText: text += value
            case let error as any HintedError: text += error.message
            default: text += HintedText(String(describing: value))
            }
        }

        /// A hint, in this place.
        ///
        /// - Parameters:
        ///   - after: What leads to its words.
        ///   - before: What follows them.
        public mutating func appendInterpolation(hint: Hint, after: String = "", before: String = "") {
            text.parts.append(.hint(hint, after: after, before: before))
        }
    }

    /// Creates a text without hints.
    public init(stringLiteral text: String) { self.init(text) }

    /// Creates a text from an interpolated literal.
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.text }
}
