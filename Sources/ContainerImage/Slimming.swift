/// An index of which only some entries were taken.
public struct Slimming: Hashable, Sendable {
    /// The index as documents have it.
    public var index: DigestReference
    /// The index that took its place.
    public var slimmed: DigestReference
    /// What was kept.
    public var platforms: [Platform]
    /// The text of the whole index: it proves what the slimmed one was made of. Older packages don't have it.
    public var whole: String?

    /// A slimmed index.
    public init(index: DigestReference, slimmed: DigestReference, platforms: [Platform], whole: String? = nil) {
        self.index = index
        self.slimmed = slimmed
        self.platforms = platforms
        self.whole = whole
    }

    /// Makes sure that `manifest`, the slimmed index, is what the whole one leaves for the platforms, and nothing else.
    ///
    /// - Throws: `SlimmingProofError`.
    public func prove(_ manifest: RawManifest) throws(SlimmingProofError) {
        guard let whole else { throw .missing(index) }
        let original = RawManifest(
            mediaType: manifest.mediaType,
            bytes: Array(whole.utf8),
            by: index.digest.algorithm
        )
        guard original.digest == index.digest else { throw .otherIndex(index, original.digest) }
        guard manifest.digest == slimmed.digest, slimmed.repository == index.repository else {
            throw .otherImage(index, slimmed)
        }
        guard case .index(let given)? = try? manifest.parsed(), case .index(let all)? = try? original.parsed() else {
            throw .otherImage(index, slimmed)
        }
        let kept = Set(given.manifests.map(\.digest))
        // Whether an index within the index led to the platforms only its own entries tell.
        let marks = all.entries(for: platforms) { !$0.mediaType.isImageManifest && kept.contains($0.digest) }
        guard let marks, let expected = try? original.keepingEntries(marked: marks),
            expected.bytes == manifest.bytes
        else { throw .otherImage(index, slimmed) }
    }
}

/// Why a package doesn't prove what it says of a slimmed index.
public enum SlimmingProofError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole index isn't there.
    case missing(DigestReference)
    /// What is there isn't the whole index.
    case otherIndex(DigestReference, Digest)
    /// What should be the slimmed index isn't what the platforms leave of the whole one.
    case otherImage(DigestReference, DigestReference)

    /// What is wrong, with the index.
    public var description: String {
        switch self {
        case .missing(let index):
            "it says that \(index) was slimmed, without the index that proves it, as packages of older versions do"
        case .otherIndex(let index, let found):
            "it says that \(index) was slimmed, but what it has of that index has the digest \(found)"
        case .otherImage(let index, let slimmed):
            "it says that \(index) was slimmed to \(slimmed), which is not what its platforms leave of that index"
        }
    }
}

/// Platforms are coded as texts, `linux/arm/v7`.
extension Slimming: Codable {
    private enum CodingKeys: CodingKey { case index, slimmed, platforms, whole }

    /// Reads the parts.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        index = try container.decode(DigestReference.self, forKey: .index)
        slimmed = try container.decode(DigestReference.self, forKey: .slimmed)
        platforms = try container.decode([String].self, forKey: .platforms).map { try Platform($0) }
        whole = try container.decodeIfPresent(String.self, forKey: .whole)
    }

    /// Writes the parts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(slimmed, forKey: .slimmed)
        try container.encode(platforms.map(\.description), forKey: .platforms)
        try container.encodeIfPresent(whole, forKey: .whole)
    }
}
