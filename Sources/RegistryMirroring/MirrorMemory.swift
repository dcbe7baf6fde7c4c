public import ContainerImage

/// What earlier runs have found out of images by their digests, in a file: it never changes, so that nothing is overlooked
/// by going by it.
public struct MirrorMemory: Sendable, Equatable, Codable {
    private static let version = 2
    private var version = Self.version
    private var dates: [String: Int64] = [:]

    /// Creates the memory of no run.
    public init() {}

    /// Whether it is in the form of this program.
    public var isCurrent: Bool { version == Self.version }

    /// When an image was made, in seconds since 1970.
    func date(of image: Digest) -> Int64? { dates[image.description] }

    /// Notes when images were made.
    public mutating func note(_ dates: [Digest: Int64]) {
        for (image, date) in dates { self.dates[image.description] = date }
    }
}
