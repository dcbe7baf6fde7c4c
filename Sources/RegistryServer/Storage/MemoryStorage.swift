public import ContainerImage
public import NIOCore
import Synchronization

/// Keeps everything in memory, for as long as the process lives.
public final class MemoryStorage: RegistryStorage {
    private struct Repository {
        var blobs: Set<Digest> = []
        var manifests: [Digest: RawManifest] = [:]
        var tags: [String: Digest] = [:]
    }

    private struct State {
        var repositories: [String: Repository] = [:]
        var blobs: [Digest: MemoryBlob] = [:]
        var uploads: [String: MemoryBlob] = [:]
    }

    private let state = Mutex(State())
    private let referrerIndex = ReferrerIndex()

    /// Creates an empty storage.
    public init() {}

    /// The names of all repositories, sorted.
    public func repositories() -> [String] { state.withLock { $0.repositories.keys.sorted() } }

    /// The size of a blob.
    public func size(of blob: Digest, in repository: String) -> Int64? {
        state.withLock { state in
            guard state.repositories[repository]?.blobs.contains(blob) == true else { return nil }
            return state.blobs[blob]?.size
        }
    }

    /// A piece of a blob.
    public func read(_ blob: Digest, at offset: Int64, count: Int) -> ByteBuffer {
        state.withLock { $0.blobs[blob] }?.read(at: offset, count: count) ?? ByteBuffer()
    }

    /// Makes a blob one of another repository.
    public func mount(_ blob: Digest, from source: String?, to repository: String) -> Bool {
        state.withLock { state in
            let isThere =
                source.map { state.repositories[$0]?.blobs.contains(blob) == true } ?? (state.blobs[blob] != nil)
            guard isThere else { return false }
            state.repositories[repository, default: Repository()].blobs.insert(blob)
            return true
        }
    }

    /// Takes a blob out of a repository.
    public func remove(_ blob: Digest, from repository: String) -> Bool {
        state.withLock { state in
            guard state.repositories[repository]?.blobs.remove(blob) != nil else { return false }
            if !state.repositories.values.contains(where: { $0.blobs.contains(blob) }) { state.blobs[blob] = nil }
            return true
        }
    }

    /// Adds bytes to an upload.
    public func append(_ bytes: ByteBuffer, to upload: String, at offset: Int64) throws {
        try state.withLock { state in
            guard state.uploads[upload]?.size ?? 0 == offset else {
                throw StorageError(path: upload, reason: "there are bytes missing before position \(offset)")
            }
            state.uploads[upload, default: MemoryBlob()].append(bytes)
        }
    }

    /// A piece of an upload.
    public func read(upload: String, at offset: Int64, count: Int) -> ByteBuffer {
        state.withLock { $0.uploads[upload] }?.read(at: offset, count: count) ?? ByteBuffer()
    }

    /// Makes an upload a blob.
    public func commit(upload: String, size: Int64, as blob: Digest, in repository: String) throws {
        try state.withLock { state in
            let stored = state.uploads.removeValue(forKey: upload) ?? MemoryBlob()
            guard stored.size == size else {
                throw StorageError(path: upload, reason: "\(stored.size) bytes are stored instead of \(size)")
            }
            state.blobs[blob] = stored
            state.repositories[repository, default: Repository()].blobs.insert(blob)
        }
    }

    /// Forgets an upload.
    public func cancel(upload: String) { state.withLock { $0.uploads[upload] = nil } }

    /// The manifest of a digest.
    public func manifest(_ digest: Digest, in repository: String) -> RawManifest? {
        state.withLock { $0.repositories[repository]?.manifests[digest] }
    }

    /// Keeps a manifest.
    public func put(_ manifest: RawManifest, in repository: String) {
        state.withLock { state in
            state.repositories[repository, default: Repository()].manifests[manifest.digest] = manifest
            referrerIndex.put(manifest, in: repository)
        }
    }

    /// Takes a manifest and its tags out of a repository.
    public func remove(manifest digest: Digest, from repository: String) -> Bool {
        state.withLock { state in
            guard var changed = state.repositories[repository], changed.manifests.removeValue(forKey: digest) != nil
            else { return false }
            changed.tags = changed.tags.filter { $0.value != digest }
            state.repositories[repository] = changed
            referrerIndex.remove(digest, from: repository)
            return true
        }
    }

    /// All manifests of a repository.
    public func manifests(in repository: String) -> [Digest] {
        state.withLock { $0.repositories[repository]?.manifests.keys.sorted() ?? [] }
    }

    /// The manifests about another one.
    public func referrers(to subject: Digest, in repository: String) async throws -> [RawManifest] {
        try await referrers(to: subject, in: repository, by: referrerIndex)
    }

    /// What each tag names.
    public func tags(in repository: String) -> [String: Digest]? {
        state.withLock { $0.repositories[repository]?.tags }
    }

    /// Makes a tag name a manifest, or nothing.
    public func tag(_ tag: String, as digest: Digest?, in repository: String) {
        state.withLock { $0.repositories[repository, default: Repository()].tags[tag] = digest }
    }
}
