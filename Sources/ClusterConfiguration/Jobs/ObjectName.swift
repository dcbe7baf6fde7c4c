/// What the names of Kubernetes' objects may be.
public enum ObjectName: Sendable {
    /// A job of this program: it begins with a letter, and leaves room for what is put behind it.
    case job
    /// A namespace: a label of RFC 1123.
    case label
    /// A claim or a secret: a subdomain of RFC 1123, which is labels with dots between them.
    case subdomain

    /// How many letters it may have.
    private var limit: Int {
        switch self {
        case .job: CopyJob.nameLimit
        case .label: 63
        case .subdomain: 253
        }
    }

    /// Whether `text` is such a name.
    public func allows(_ text: String) -> Bool {
        guard text.utf8.count <= limit else { return false }
        switch self {
        case .job: return Self.isLabel(text.utf8) && !Self.isDigit(text.utf8.first ?? 0)
        case .label: return Self.isLabel(text.utf8)
        case .subdomain:
            return text.utf8.split(separator: 46, omittingEmptySubsequences: false).allSatisfy { Self.isLabel($0) }
        }
    }

    /// What such names have, as it follows a verb such as "must be".
    public var requirement: String {
        switch self {
        case .job: "lowercase letters, digits and dashes, a letter first and no dash last, at most \(limit)"
        case .label: "lowercase letters, digits and dashes, no dash first or last, at most \(limit)"
        case .subdomain:
            "lowercase letters, digits, dashes and dots, with a letter or digit at either end of what is between dots, "
                + "at most \(limit)"
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isLabel(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        text.first != 45 && text.last != 45 && !text.isEmpty
            && text.allSatisfy { (97...122).contains($0) || isDigit($0) || $0 == 45 }
    }
}
