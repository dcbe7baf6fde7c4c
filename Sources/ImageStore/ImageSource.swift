public import ContainerImage
import NIOCore

/// Something that gives manifests and blobs by digest: a repository, a package, a layout on disk.
public protocol ImageSource: Sendable {
    /// What to call this source in messages.
    var name: String { get }

    /// Whether the same bytes can be had more than once.
    var isRepeatable: Bool { get }

    /// A repository that has the bytes, so that others of its registry may take them over from there.
    var origin: Repository? { get }

    /// The manifest or index of `digest`; its bytes are verified.
    ///
    /// - Throws: When there is none, or its bytes have another digest.
    func manifest(_ digest: Digest) async throws -> RawManifest

    /// The bytes of `blob` from `offset` on, as they arrive. They are not verified.
    ///
    /// - Throws: When there is no such blob, or it can't be read.
    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody
}

extension ImageSource {
    /// Most sources can be read again.
    public var isRepeatable: Bool { true }

    /// Most sources are no repositories.
    public var origin: Repository? { nil }

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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(blob.size))
        for try await chunk in try await content(of: blob, from: 0).verified(as: blob) {
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }
}

/// Something that takes manifests and blobs: a repository.
public protocol ImageDestination: Sendable {
    /// What to call this destination in messages.
    var name: String { get }

    /// Whether no image is here yet, as far as it tells; false when it doesn't.
    func isRepositoryUnknown() async throws -> Bool

    /// Whether `blob` is there already; nil when the destination doesn't tell.
    func contains(_ blob: Descriptor) async throws -> Bool?

    /// Whether the manifest of `digest` is there already; nil when the destination doesn't tell.
    func contains(manifest digest: Digest) async throws -> Bool?

    /// Whether the manifest of `digest` is there already, under `tag`.
    func contains(manifest digest: Digest, tag: Tag) async throws -> Bool

    /// Takes `blob`'s bytes from `source` and verifies them on the way; `item` counts them.
    func upload(_ blob: Descriptor, from source: any ImageSource, counting item: TransferProgress.Item?) async throws

    /// Takes a manifest whose blobs and children are there, under `tag` or by its digest alone; the digest stays the
    /// same.
    ///
    /// - Throws: An error that is a `MissingContentError` when the destination lacks what the manifest refers to.
    func push(_ manifest: RawManifest, tag: Tag?) async throws
}
