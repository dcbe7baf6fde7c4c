public import ContainerImage

/// Something about a package, or a repository that should hold it, that isn't as it must be.
public struct PackageIssue: Hashable, Sendable, Encodable {
    /// The kind of issue.
    public enum Kind: String, Sendable, Encodable {
        /// A tarball's own structure is broken: a header, the end.
        case structure
        /// Bytes that aren't those of their digest.
        case altered
        /// A size that isn't the one stated.
        case size
        /// Something that is referred to isn't there.
        case missing
        /// `manifest.json` contradicts itself or isn't of its form.
        case manifest
        /// Two entries of one name.
        case duplicate
        /// Bytes that no entry has.
        case padding
        /// A document has references that the package lacks.
        case document
        /// An image that isn't signed as it must be.
        case signature
        /// Unneeded content, which readers ignore: a warning.
        case unknown
        /// A layer that a delta omits on purpose: a warning.
        case omitted = "left_out"
        /// An image that an index names and that isn't there, as in archives of some platforms: a
        /// warning.
        case absent
    }

    /// The kind of issue.
    public var kind: Kind
    /// The entry, image or document that is concerned.
    public var subject: String
    /// What is wrong.
    public var message: HintedText
    /// The affected images, each with its platform if it is in an index.
    public var images: [String] = []

    /// Whether readers ignore it, and install the package anyway.
    public var isPassedOver: Bool

    /// Creates an issue.
    public init(_ kind: Kind, _ subject: String, _ message: HintedText, isPassedOver: Bool = false) {
        self.kind = kind
        self.subject = subject
        self.message = message
        self.isPassedOver = isPassedOver || kind == .padding
    }

    private enum CodingKeys: String, CodingKey {
        case kind, subject, message, images
    }

    /// Whether the package is valid anyway.
    public var isWarning: Bool { kind == .unknown || kind == .omitted || kind == .absent }
}
