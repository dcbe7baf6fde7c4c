import ContainerImage

/// What a rule says of a reference.
enum RuleVerdict: Sendable {
    /// Nothing is wrong, or the rule has no opinion.
    case passed
    /// Something is wrong; pinned to the digest, where there is one, it wouldn't be.
    case wrong(String, hint: String, digest: Digest?)
    /// Nobody gave an answer.
    case unknown(HintedText)

    static func wrong(_ message: String, hint: String = "") -> RuleVerdict {
        .wrong(message, hint: hint, digest: nil)
    }
}
