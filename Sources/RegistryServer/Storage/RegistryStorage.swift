public import ContainerImage
public import ImageStore
public import NIOCore

/// Where a registry keeps what it is given.
public protocol RegistryStorage: RegistryContent {
    /// At most `count` bytes of a blob from `offset` on; empty at the end.
    func read(_ blob: Digest, at offset: Int64, count: Int) async throws -> ByteBuffer
    /// Makes a blob of one repository, or of any, one of another's; false where it isn't there.
    func mount(_ blob: Digest, from source: String?, to repository: String) async throws -> Bool
    /// Takes a blob out of a repository; false where it isn't there.
    func remove(_ blob: Digest, from repository: String) async throws -> Bool

    /// Begins an upload.
    func begin(upload id: String) async throws
    /// Adds bytes to an upload.
    func append(_ bytes: ByteBuffer, to id: String, at offset: Int64) async throws
    /// Makes an upload, whose digest has been checked, a blob of a repository.
    func commit(upload id: String, as blob: Digest, in repository: String) async throws
    /// Forgets an upload.
    func cancel(upload id: String) async throws

    /// Keeps a manifest.
    func put(_ manifest: RawManifest, in repository: String) async throws
    /// Takes a manifest, and the tags that name it, out of a repository; false where it isn't there.
    func remove(manifest digest: Digest, from repository: String) async throws -> Bool
    /// Makes a tag name a manifest, or, for nil, nothing.
    func tag(_ tag: String, as digest: Digest?, in repository: String) async throws
}

extension RegistryStorage {
    /// The bytes as they are read.
    public func content(of blob: Digest, in range: Range<Int64>) async throws -> BlobBody {
        BlobBody(StoredChunks(storage: self, blob: blob, range: range))
    }
}
