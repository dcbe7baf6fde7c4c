public import ContainerImage
public import ImageStore
import NIOCore
import Synchronization

/// Manifests and blobs in memory, and a note of what was asked for.
public final class MemoryBlobs: ImageSource {
    /// What to call it in messages.
    public let name: String
    /// Whether the same bytes can be read more than once.
    public let isRepeatable: Bool
    /// Whether it says that its blobs were verified.
    public let isVerified: Bool
    private let manifests: [Digest: RawManifest]
    private let blobs: [Digest: [UInt8]]
    private let breakage: Breakage?
    private let log = Mutex<(manifests: [Digest], offsets: [Digest: [Int64]])>(([], [:]))

    /// How reading a blob breaks off.
    public struct Breakage: Sendable {
        let digest: Digest
        let count: Int
        let error: any Error

        /// A blob that gives `count` bytes, and then an error.
        public init(_ digest: Digest, after count: Int, _ error: any Error) {
            self.digest = digest
            self.count = count
            self.error = error
        }
    }

    /// Creates a source of manifests, and of blobs by whatever digests their bytes are asked for.
    ///
    /// - Parameter isAltered: Whether the first byte of each blob is another one than it should be.
    public init(
        _ blobs: [[UInt8]] = [],
        manifests: [RawManifest] = [],
        name: String = "memory",
        isRepeatable: Bool = true,
        isVerified: Bool = false,
        isAltered: Bool = false,
        breaking breakage: Breakage? = nil
    ) {
        self.name = name
        self.isRepeatable = isRepeatable
        self.isVerified = isVerified
        self.breakage = breakage
        self.manifests = Dictionary(manifests.map { ($0.digest, $0) }) { first, _ in first }
        let named = blobs.flatMap { bytes in
            var given = bytes
            if isAltered, !given.isEmpty { given[0] ^= 1 }
            return Digest.Algorithm.allCases.map { (Digest(of: bytes, by: $0), given) }
        }
        self.blobs = Dictionary(named) { first, _ in first }
    }

    /// Creates a source of all that is in `images`.
    public convenience init(_ images: [SampleImage]) {
        self.init(images.flatMap { [$0.config] + $0.layers }, manifests: images.map(\.manifest))
    }

    /// The manifests that were asked for.
    public var askedManifests: [Digest] { log.withLock(\.manifests) }

    /// The blobs that were asked for, and from which byte on.
    public var askedOffsets: [Digest: [Int64]] { log.withLock(\.offsets) }

    /// The manifest of `digest`.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        log.withLock { $0.manifests.append(digest) }
        guard let manifest = manifests[digest] else { throw MemoryStoreError("manifest \(digest)", .absent) }
        return manifest
    }

    /// The bytes of `blob`, a piece at a time.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        log.withLock { $0.offsets[blob.digest, default: []].append(offset) }
        guard let bytes = blobs[blob.digest] else { throw MemoryStoreError("blob \(blob.digest)", .absent) }
        let end = breakage?.digest == blob.digest ? breakage?.count ?? bytes.count : bytes.count
        let error = breakage?.digest == blob.digest ? breakage?.error : nil
        return BlobBody(pieces: bytes[min(Int(offset), end)..<end], throwing: error)
    }
}

extension BlobBody {
    /// Bytes that come in pieces of 100,000, and then an error, where there is one.
    init(pieces bytes: ArraySlice<UInt8>, throwing error: (any Error)? = nil) {
        self.init(
            AsyncThrowingStream { continuation in
                for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 100_000) {
                    continuation.yield(ByteBuffer(bytes: bytes[start...].prefix(100_000)))
                }
                continuation.finish(throwing: error)
            }
        )
    }
}
