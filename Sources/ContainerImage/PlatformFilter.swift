/// An index of which only some entries were taken.
public struct PlatformFilter: Hashable, Sendable {
    /// The index as documents have it.
    public var index: DigestReference
    /// The index that took its place.
    public var filtered: DigestReference
    /// What was kept.
    public var platforms: [Platform]
    /// The text of the whole index: it proves what the filtered one was made of. Older packages don't have it.
    public var whole: String?

    /// Creates a record of a filtered index.
    public init(index: DigestReference, filtered: DigestReference, platforms: [Platform], whole: String? = nil) {
        self.index = index
        self.filtered = filtered
        self.platforms = platforms
        self.whole = whole
    }

    /// Makes sure that `manifest`, the filtered index, is what the whole one leaves for the platforms, and nothing else.
    ///
    /// - Throws: `PlatformFilterProofError`.
    public func prove(_ manifest: RawManifest) throws(PlatformFilterProofError) {
        guard let whole else { throw .missing(index) }
        let original = RawManifest(
            mediaType: manifest.mediaType,
            bytes: Array(whole.utf8),
            by: index.digest.algorithm
        )
        guard original.digest == index.digest else { throw .otherIndex(index, original.digest) }
        guard manifest.digest == filtered.digest, filtered.repository == index.repository else {
            throw .otherImage(index, filtered)
        }
        guard case .index(let given)? = try? manifest.parsed(), case .index(let all)? = try? original.parsed() else {
            throw .otherImage(index, filtered)
        }
        let kept = Set(given.manifests.map(\.digest))
        // Whether an index within the index led to the platforms only its own entries tell.
        let marks = all.entries(for: platforms) { !$0.mediaType.isImageManifest && kept.contains($0.digest) }
        guard let marks, let expected = try? original.keepingEntries(marked: marks),
            expected.bytes == manifest.bytes
        else { throw .otherImage(index, filtered) }
    }
}

/// Why a package doesn't prove what it says of a filtered index.
public enum PlatformFilterProofError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole index isn't there.
    case missing(DigestReference)
    /// What is there isn't the whole index.
    case otherIndex(DigestReference, Digest)
    /// What should be the filtered index isn't what the platforms leave of the whole one.
    case otherImage(DigestReference, DigestReference)

    /// What is wrong, with the index.
    public var description: String {
        switch self {
        case .missing(let index):
            "it says that \(index) was filtered, without the index that proves it, as packages of older versions do"
        case .otherIndex(let index, let found):
            "it says that \(index) was filtered, but the index that it has for it has the digest \(found)"
        case .otherImage(let index, let filtered):
            "it says that \(index) was filtered to \(filtered), which is not that index filtered to its platforms"
        }
    }
}

/// Platforms are coded as texts, `linux/arm/v7`.
extension PlatformFilter: Codable {
    private enum CodingKeys: String, CodingKey {
        case index
        case filtered = "slimmed"
        case platforms, whole
    }

    /// Decodes the parts.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        index = try container.decode(DigestReference.self, forKey: .index)
        filtered = try container.decode(DigestReference.self, forKey: .filtered)
        platforms = try container.decode([String].self, forKey: .platforms).map { try Platform($0) }
        whole = try container.decodeIfPresent(String.self, forKey: .whole)
    }

    /// Writes the parts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(filtered, forKey: .filtered)
        try container.encode(platforms.map(\.description), forKey: .platforms)
        try container.encodeIfPresent(whole, forKey: .whole)
    }
}
