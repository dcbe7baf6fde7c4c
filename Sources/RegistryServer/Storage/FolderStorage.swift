public import ContainerImage
import LibC
import LocalFiles
public import NIOCore
public import Packages
import Synchronization
import SystemPackage

/// Keeps everything in files: `blobs/<hex>` for content, and for each repository, under `repositories/<name>`,
/// `_blobs/<hex>`, `_manifests/<hex>` (the media type) and `_tags/<tag>` (the digest).
///
/// Each file appears under its name only when it is whole, and what is acknowledged is on the disk, with its name.
/// Content that no repository has any more is freed at once, and what a process that was killed left when the next one
/// opens the folder.
public final class FolderStorage: RegistryStorage {
    let root: String
    /// Held while content gets names and loses them: what nobody names is removed, and nothing else. No disk is
    /// waited for under it.
    let names = Mutex(())
    let referrerIndex = ReferrerIndex()
    private let lock: FileLock

    /// Creates a storage in `folder`, which is created if it doesn't exist.
    ///
    /// - Throws: `StorageError` when it can't be made, or another process keeps things in it.
    public init(folder: String) throws(StorageError) {
        root = folder
        for part in ["", "/blobs", "/uploads", "/repositories"] { try Self.makeFolder(folder + part) }
        do {
            lock = try FileLock(folder: folder)
        } catch {
            throw switch error.problem {
            case .inUse: StorageError(path: folder, reason: "another process serves this folder; stop it first")
            default: StorageError(path: folder, reason: error.reason)
            }
        }
        sweep()
    }

    func blobPath(_ digest: Digest) -> String { "\(root)/blobs/\(digest.hex)" }
    func folder(_ repository: String) -> String { "\(root)/repositories/\(repository)" }

    /// The digest whose digits are a file's name.
    static func digest(named name: String) -> Digest? {
        Digest.Algorithm.allCases.first { $0.digitCount == name.utf8.count }
            .flatMap { try? Digest("\($0.rawValue):\(name)") }
    }

    /// The names of all repositories, sorted.
    public func repositories() -> [String] {
        var found: [String] = []
        func visit(_ path: String, _ name: String) {
            let entries = Self.entries(of: path)
            if entries.contains(where: { $0.hasPrefix("_") }) { found.append(name) }
            for entry in entries where !entry.hasPrefix("_") {
                visit("\(path)/\(entry)", name.isEmpty ? entry : "\(name)/\(entry)")
            }
        }
        visit("\(root)/repositories", "")
        return found.sorted()
    }

    /// The size of a blob.
    public func size(of blob: Digest, in repository: String) -> Int64? {
        guard access("\(folder(repository))/_blobs/\(blob.hex)", F_OK) == 0 else { return nil }
        return Self.size(ofFile: blobPath(blob))
    }

    /// A piece of a blob.
    public func read(_ blob: Digest, at offset: Int64, count: Int) throws -> ByteBuffer {
        try Self.read(blobPath(blob), at: offset, count: count)
    }

    /// The blob's file.
    public func place(of blob: Digest) throws -> FileSlice? {
        let file = try RandomAccessFile(path: blobPath(blob))
        return FileSlice(file: file, offset: 0, size: file.size, name: blob.hex)
    }

    /// The manifest of a digest.
    public func manifest(_ digest: Digest, in repository: String) throws -> RawManifest? {
        guard let type = try text("\(folder(repository))/_manifests/\(digest.hex)"),
            let size = Self.size(ofFile: blobPath(digest))
        else { return nil }
        guard size <= RawManifest.sizeLimit else {
            throw StorageError(damaged: blobPath(digest), reason: "it is too large for a manifest")
        }
        let buffer = try read(digest, at: 0, count: Int(size))
        let manifest = RawManifest(
            mediaType: MediaType(type),
            bytes: Array(buffer.readableBytesView),
            by: digest.algorithm
        )
        guard manifest.digest == digest else {
            throw StorageError(
                damaged: blobPath(digest),
                reason: "digest mismatch: content is \(manifest.digest)"
            )
        }
        return manifest
    }

    /// All manifests of a repository.
    public func manifests(in repository: String) throws -> [Digest] {
        let folder = "\(folder(repository))/_manifests"
        guard access(folder, F_OK) == 0 else { return [] }
        return try Self.list(folder).compactMap(Self.digest(named:)).sorted()
    }

    /// The manifests about another one.
    public func referrers(to subject: Digest, in repository: String) async throws -> [RawManifest] {
        try await referrers(to: subject, in: repository, by: referrerIndex)
    }

    /// What each tag names.
    public func tags(in repository: String) throws -> [String: Digest]? {
        guard Self.entries(of: folder(repository)).contains(where: { $0.hasPrefix("_") }) else { return nil }
        var tags: [String: Digest] = [:]
        for tag in Self.entries(of: "\(folder(repository))/_tags") { tags[tag] = try digest(of: tag, in: repository) }
        return tags
    }

    /// What one tag names.
    public func digest(of tag: String, in repository: String) throws -> Digest? {
        try text("\(folder(repository))/_tags/\(tag)").flatMap { try? Digest($0) }
    }

    private func text(_ path: String) throws -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        return String(buffer: try Self.read(path, at: 0, count: 4096))
    }
}
