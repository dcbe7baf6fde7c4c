public import ContainerImage
public import NIOCore

/// Keeps everything in memory, for as long as the process lives.
public actor MemoryStorage: RegistryStorage {
    private struct Repository {
        var blobs: Set<Digest> = []
        var manifests: [Digest: RawManifest] = [:]
        var tags: [String: Digest] = [:]
    }

    private var all: [String: Repository] = [:]
    private var blobs: [Digest: ByteBuffer] = [:]
    private var uploads: [String: ByteBuffer] = [:]

    /// Has nothing yet.
    public init() {}

    /// The names of all repositories, sorted.
    public func repositories() -> [String] { all.keys.sorted() }

    /// The size of a blob.
    public func size(of blob: Digest, in repository: String) -> Int64? {
        guard all[repository]?.blobs.contains(blob) == true else { return nil }
        return blobs[blob].map { Int64($0.readableBytes) }
    }

    /// A piece of a blob.
    public func read(_ blob: Digest, at offset: Int64, count: Int) -> ByteBuffer {
        guard let bytes = blobs[blob], offset < bytes.readableBytes else { return ByteBuffer() }
        let length = min(count, bytes.readableBytes - Int(offset))
        return bytes.getSlice(at: bytes.readerIndex + Int(offset), length: length) ?? ByteBuffer()
    }

    /// Makes a blob one of another repository.
    public func mount(_ blob: Digest, from source: String?, to repository: String) -> Bool {
        let isThere = source.map { all[$0]?.blobs.contains(blob) == true } ?? (blobs[blob] != nil)
        guard isThere else { return false }
        all[repository, default: Repository()].blobs.insert(blob)
        return true
    }

    /// Takes a blob out of a repository.
    public func remove(_ blob: Digest, from repository: String) -> Bool {
        guard all[repository]?.blobs.remove(blob) != nil else { return false }
        if !all.values.contains(where: { $0.blobs.contains(blob) }) { blobs[blob] = nil }
        return true
    }

    /// Begins an upload.
    public func begin(upload id: String) { uploads[id] = ByteBuffer() }

    /// Adds bytes to an upload.
    public func append(_ bytes: ByteBuffer, to id: String, at offset: Int64) {
        uploads[id]?.writeImmutableBuffer(bytes)
    }

    /// Makes an upload a blob.
    public func commit(upload id: String, as blob: Digest, in repository: String) {
        guard let bytes = uploads.removeValue(forKey: id) else { return }
        blobs[blob] = bytes
        all[repository, default: Repository()].blobs.insert(blob)
    }

    /// Forgets an upload.
    public func cancel(upload id: String) { uploads[id] = nil }

    /// The manifest of a digest.
    public func manifest(_ digest: Digest, in repository: String) -> RawManifest? {
        all[repository]?.manifests[digest]
    }

    /// Keeps a manifest.
    public func put(_ manifest: RawManifest, in repository: String) {
        all[repository, default: Repository()].manifests[manifest.digest] = manifest
    }

    /// Takes a manifest and its tags out of a repository.
    public func remove(manifest digest: Digest, from repository: String) -> Bool {
        guard var changed = all[repository], changed.manifests.removeValue(forKey: digest) != nil else { return false }
        changed.tags = changed.tags.filter { $0.value != digest }
        all[repository] = changed
        return true
    }

    /// All manifests of a repository.
    public func manifests(in repository: String) -> [Digest] { all[repository]?.manifests.keys.sorted() ?? [] }

    /// What each tag names.
    public func tags(in repository: String) -> [String: Digest]? { all[repository]?.tags }

    /// Makes a tag name a manifest, or nothing.
    public func tag(_ tag: String, as digest: Digest?, in repository: String) {
        all[repository, default: Repository()].tags[tag] = digest
    }
}
