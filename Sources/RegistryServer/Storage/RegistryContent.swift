public import ContainerImage
public import ImageStore
import NIOCore
public import Packages

/// What a registry has to give.
public protocol RegistryContent: Sendable {
    /// The names of all repositories, sorted.
    func repositories() async throws -> [String]
    /// The repository that a request means by `name` when it comes for the registry `host`, as container engines say it
    /// of a mirror.
    func repository(_ name: String, of host: String) -> String

    /// The size of a blob of a repository, in bytes; nil if it isn't there.
    func size(of blob: Digest, in repository: String) async throws -> Int64?
    /// A stretch of a blob's bytes.
    func content(of blob: Digest, in range: Range<Int64>) async throws -> BlobBody

    /// Where a blob lies in a file; nil if it isn't in one.
    func place(of blob: Digest) async throws -> FileSlice?

    /// The manifest of a digest; nil if it isn't there.
    func manifest(_ digest: Digest, in repository: String) async throws -> RawManifest?
    /// The digests of all manifests of a repository, sorted.
    func manifests(in repository: String) async throws -> [Digest]
    /// The manifests of a repository whose subject is `subject`, in the order of their digests.
    func referrers(to subject: Digest, in repository: String) async throws -> [RawManifest]

    /// What each tag of a repository names; nil if the repository doesn't exist.
    func tags(in repository: String) async throws -> [String: Digest]?
    /// What one tag names; nil if it names nothing.
    func digest(of tag: String, in repository: String) async throws -> Digest?
}

extension RegistryContent {
    /// The name itself, whatever the host.
    public func repository(_ name: String, of host: String) -> String { name }

    /// Unknown, for content that isn't in files of its own.
    public func place(of blob: Digest) -> FileSlice? { nil }

    /// Found among all tags.
    public func digest(of tag: String, in repository: String) async throws -> Digest? {
        try await tags(in: repository)?[tag]
    }

    /// Found by reading all manifests.
    public func referrers(to subject: Digest, in repository: String) async throws -> [RawManifest] {
        var found: [RawManifest] = []
        for digest in try await manifests(in: repository) {
            guard let manifest = try await manifest(digest, in: repository),
                manifest.referrerDescriptor?.subject == subject
            else { continue }
            found.append(manifest)
        }
        return found
    }
}

/// A stretch of a blob, read piece by piece.
struct StoredChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let storage: any RegistryStorage
    let blob: Digest
    let range: Range<Int64>

    struct AsyncIterator: AsyncIteratorProtocol {
        let chunks: StoredChunks
        var offset: Int64

        mutating func next() async throws -> ByteBuffer? {
            guard offset < chunks.range.upperBound else { return nil }
            let count = Int(Swift.min(chunks.range.upperBound - offset, 512 << 10))
            let buffer = try await chunks.storage.read(chunks.blob, at: offset, count: count)
            guard buffer.readableBytes > 0 else { return nil }
            offset += Int64(buffer.readableBytes)
            return buffer
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: self, offset: range.lowerBound) }
}
