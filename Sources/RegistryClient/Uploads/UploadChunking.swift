/// Whether blobs are uploaded in chunks: OCI distribution specification, "Pushing a blob in chunks".
public enum UploadChunking: Sendable, Equatable {
    /// Whole at first; in chunks to a registry that refuses that (413), or breaks off twice at the same place.
    case automatic
    /// Blobs above this size, in bytes, in chunks of this size.
    case size(Int64)
    /// Always whole.
    case off

    /// The largest chunk that is tried unasked, in bytes.
    static let largest: Int64 = 64 << 20
    /// The smallest chunk that is tried unasked, in bytes.
    static let smallest: Int64 = 1 << 20
    /// How many bytes are kept in memory of a blob that can be read once, so that they can be sent again.
    static let window: Int64 = 16 << 20

    /// The smallest chunk that makes sense, in bytes.
    var smallest: Int64 { if case .size(let size) = self { min(size, Self.smallest) } else { Self.smallest } }

    /// The largest power of two that is less than `size` and no chunk too large; nil if that would be a chunk too small.
    ///
    /// - Parameter smallest: The smallest chunk that makes sense, in bytes.
    static func size(below size: Int64, smallest: Int64) -> Int64? {
        guard size > 1 else { return nil }
        let half = Int64(1) << Int64(62 - (size - 1).leadingZeroBitCount + 1)
        let chunk = min(half, largest)
        return chunk >= smallest ? chunk : smallest < size ? smallest : nil
    }
}
