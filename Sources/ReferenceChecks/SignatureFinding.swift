public import ContainerImage

/// Whether an image is signed as it must be.
public enum SignatureFinding: Sendable, Hashable {
    /// It is, or needn't be.
    case accepted
    /// It isn't, for this reason.
    case refused(HintedText)
    /// Nobody knows, for this reason.
    case undecided(HintedText)

    var verdict: RuleVerdict {
        switch self {
        case .accepted: .passed
        case .refused(let reason): .wrong("\(reason)", hint: "sign the image, or pin one that is signed")
        case .undecided(let reason): .unknown(reason)
        }
    }
}
