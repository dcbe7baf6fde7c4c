/// A regular expression for whole tags.
public struct TagExpression: Sendable, Hashable {
    /// The expression as written.
    public let text: String

    /// Checks an expression.
    ///
    /// - Throws: `TagExpressionError`.
    public init(_ text: String) throws(TagExpressionError) {
        self.text = text
        do {
            _ = try Regex(text)
        } catch {
            throw TagExpressionError(text: text)
        }
    }
}

/// What is no regular expression.
public struct TagExpressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text that was given.
    public let text: String

    /// What is wrong.
    public var description: String { "'\(text)' is not a regular expression" }
}

/// Expressions that were made ready to be applied to many tags.
struct CompiledExpressions {
    private let expressions: [Regex<AnyRegexOutput>]

    init(_ expressions: [TagExpression]) {
        // They were checked when they were made.
        self.expressions = expressions.compactMap { try? Regex($0.text) }
    }

    func matches(_ tag: String) -> Bool {
        expressions.contains { expression in
            do {
                return try expression.wholeMatch(in: tag) != nil
            } catch {
                return false
            }
        }
    }
}
