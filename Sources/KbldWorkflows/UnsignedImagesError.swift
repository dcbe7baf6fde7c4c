public import ContainerImage

/// Images that aren't signed as a policy asks.
public struct UnsignedImagesError: MultilineError, Sendable {
    /// The images, and for each what was looked for and what was found.
    public let refused: [(image: DigestReference, reason: HintedText)]
    /// How many were looked at.
    public let count: Int
    let action: SignatureGate.Action

    /// All of the images.
    public var lines: [HintedText] {
        let heading: HintedText =
            "\(refused.count) of \(count) image\(count == 1 ? "" : "s") not signed as required; \(action.words):"
        return [heading] + refused.map { "- \($0.image): \($0.reason)" }
    }
}
