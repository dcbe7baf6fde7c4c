/// An index of which only some entries were taken.
public struct Slimming: Hashable, Sendable {
    /// The index as documents have it.
    public var index: DigestReference
    /// The index that took its place.
    public var slimmed: DigestReference
    /// What was kept.
    public var platforms: [Platform]

    /// A slimmed index.
    public init(index: DigestReference, slimmed: DigestReference, platforms: [Platform]) {
        self.index = index
        self.slimmed = slimmed
        self.platforms = platforms
    }
}

/// Platforms are coded as texts, `linux/arm/v7`.
extension Slimming: Codable {
    private enum CodingKeys: CodingKey { case index, slimmed, platforms }

    /// Reads the parts.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        index = try container.decode(DigestReference.self, forKey: .index)
        slimmed = try container.decode(DigestReference.self, forKey: .slimmed)
        platforms = try container.decode([String].self, forKey: .platforms).map { try Platform($0) }
    }

    /// Writes the parts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(slimmed, forKey: .slimmed)
        try container.encode(platforms.map(\.description), forKey: .platforms)
    }
}
