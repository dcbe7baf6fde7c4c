public import ContainerImage

/// A reference that rules couldn't be applied to, as nobody gave an answer.
public struct UncheckedReference: Sendable, Hashable {
    /// The rules.
    public var rules: [CheckRule]
    /// The reference as written.
    public var reference: String
    /// The file where it is first.
    public var path: String
    /// Where it is there.
    public var region: SourceRegion
    /// In how many places it is.
    public var placeCount: Int
    /// Why there was no answer.
    public var reason: HintedText

    /// Creates a reference without an answer.
    public init(
        rules: [CheckRule],
        reference: String,
        path: String,
        region: SourceRegion,
        placeCount: Int,
        reason: HintedText
    ) {
        self.rules = rules
        self.reference = reference
        self.path = path
        self.region = region
        self.placeCount = placeCount
        self.reason = reason
    }
}
