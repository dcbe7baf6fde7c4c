public import ContainerImage
import NIOCore

/// Something that gives manifests and blobs by digest: a repository, a package, a layout on disk.
public protocol ImageSource: Sendable {
    /// What to call this source in messages.
    var name: String { get }

    /// Whether the same bytes can be read more than once.
    var isRepeatable: Bool { get }

    /// Whether its blobs were verified before, so that their bytes needn't be hashed again on their way.
    var isVerified: Bool { get }

    /// A repository that has the bytes, so that others of its registry may take them over from there.
    var origin: Repository? { get }

    /// The manifest or index of `digest`; its bytes are verified.
    ///
    /// - Throws: When there is none, or its bytes have another digest.
    func manifest(_ digest: Digest) async throws -> RawManifest

    /// The manifest or index of `digest` as its verified bytes, and what these say.
    ///
    /// - Throws: When there is none, its bytes have another digest, or they are no manifest.
    func parsedManifest(_ digest: Digest) async throws -> (raw: RawManifest, parsed: Manifest)

    /// The bytes of `blob` from `offset` on, as they arrive. They are not verified.
    ///
    /// - Throws: If the blob doesn't exist or can't be read.
    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody

    /// Takes note that the bytes given for `blob` were others, and passes over who gave them from now on.
    ///
    /// - Returns: Whether there is someone else to be asked, so that it makes sense to read the blob again.
    func passOverGiver(of blob: Digest) -> Bool
}

extension ImageSource {
    /// Most sources can be read again.
    public var isRepeatable: Bool { true }

    /// Most sources give bytes that nobody has verified.
    public var isVerified: Bool { false }

    /// Most sources are not repositories.
    public var origin: Repository? { nil }

    /// Most sources give bytes that nobody has parsed.
    public func parsedManifest(_ digest: Digest) async throws -> (raw: RawManifest, parsed: Manifest) {
        let manifest = try await manifest(digest)
        return (manifest, try manifest.parsed())
    }

    /// Most sources have one place that blobs come from.
    public func passOverGiver(of blob: Digest) -> Bool { false }

    /// Runs `body`, which reads and verifies all of `blob`, and once more for each other place that it can come from
    /// where the bytes weren't the blob's.
    public func rereading<Value>(_ blob: Descriptor, _ body: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch let error as BlobError {
                guard error.isAboutContent, passOverGiver(of: blob.digest) else { throw error }
            }
        }
    }

    /// An image's config, verified.
    ///
    /// - Throws: `BlobError` when it is larger than `ImageConfig.sizeLimit`, or its bytes aren't those of the descriptor.
    func config(_ blob: Descriptor) async throws -> [UInt8] {
        try await bytes(of: blob, limit: Int64(ImageConfig.sizeLimit))
    }

    /// All bytes of a small blob, such as a signature, verified.
    ///
    /// - Parameter limit: The largest size that is taken into memory, in bytes.
    /// - Throws: `BlobError` when the blob is larger than `limit`, or its bytes aren't those of the descriptor.
    public func bytes(of blob: Descriptor, limit: Int64 = Int64(RawManifest.sizeLimit)) async throws -> [UInt8] {
        guard blob.size <= limit else { throw BlobError.tooLarge(blob.digest, size: blob.size, limit: limit) }
        return try await rereading(blob) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Int(blob.size))
            for try await chunk in try await content(of: blob, from: 0).verified(as: blob) {
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            return bytes
        }
    }
}
