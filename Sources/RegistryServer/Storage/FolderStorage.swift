public import ContainerImage
import Glibc
public import NIOCore
public import PackageArchive
import SystemPackage

/// Keeps everything in files: `blobs/<hex>` for content, and for each repository, under `repositories/<name>`,
/// `_blobs/<hex>`, `_manifests/<hex>` (the media type) and `_tags/<tag>` (the digest).
///
/// Each file appears under its name only when it is whole.
public struct FolderStorage: RegistryStorage {
    private let root: String

    /// Keeps things in `folder`, which is made where it isn't there.
    ///
    /// - Throws: `StorageError` when it can't be made.
    public init(folder: String) throws(StorageError) {
        root = folder
        for part in ["", "/blobs", "/uploads", "/repositories"] { try Self.makeFolder(root + part) }
    }

    private func blobPath(_ digest: Digest) -> String { "\(root)/blobs/\(digest.hex)" }
    private func uploadPath(_ id: String) -> String { "\(root)/uploads/\(id)" }
    private func folder(_ repository: String) -> String { "\(root)/repositories/\(repository)" }

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
        var status = stat()
        return stat(blobPath(blob), &status) == 0 ? Int64(status.st_size) : nil
    }

    /// A piece of a blob.
    public func read(_ blob: Digest, at offset: Int64, count: Int) throws -> ByteBuffer {
        let file = try SystemPackage.FileDescriptor.open(FilePath(blobPath(blob)), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var buffer = ByteBuffer()
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                try file.read(
                    fromAbsoluteOffset: offset,
                    into: UnsafeMutableRawBufferPointer(rebasing: space[..<count])
                )
            }
            return buffer
        }
    }

    /// The blob's file.
    public func place(of blob: Digest) throws -> FilePlace? {
        let file = try InputFile(path: blobPath(blob))
        return FilePlace(file: file, offset: 0, size: file.size, name: blob.hex)
    }

    /// Makes a blob one of another repository.
    public func mount(_ blob: Digest, from source: String?, to repository: String) throws -> Bool {
        let isThere = source.map { size(of: blob, in: $0) != nil } ?? (access(blobPath(blob), F_OK) == 0)
        guard isThere else { return false }
        try write([], to: "\(folder(repository))/_blobs", blob.hex)
        return true
    }

    /// Takes a blob out of a repository; its content stays for other repositories.
    public func remove(_ blob: Digest, from repository: String) -> Bool {
        unlink("\(folder(repository))/_blobs/\(blob.hex)") == 0
    }

    /// Begins an upload.
    public func begin(upload id: String) throws { try write([], to: "\(root)/uploads", id) }

    /// Adds bytes to an upload.
    public func append(_ bytes: ByteBuffer, to id: String, at offset: Int64) throws {
        let file = try SystemPackage.FileDescriptor.open(FilePath(uploadPath(id)), .writeOnly, options: .closeOnExec)
        try file.closeAfter {
            var offset = offset
            var rest = bytes
            while rest.readableBytes > 0 {
                let count = try rest.withUnsafeReadableBytes { try file.write(toAbsoluteOffset: offset, $0) }
                rest.moveReaderIndex(forwardBy: count)
                offset += Int64(count)
            }
        }
    }

    /// Makes an upload a blob.
    public func commit(upload id: String, as blob: Digest, in repository: String) throws {
        // Who is told that a blob is taken may throw its own away.
        try Self.sync(uploadPath(id))
        guard rename(uploadPath(id), blobPath(blob)) == 0 else {
            throw StorageError(path: blobPath(blob), errno: errno)
        }
        try write([], to: "\(folder(repository))/_blobs", blob.hex)
    }

    /// Forgets an upload.
    public func cancel(upload id: String) { unlink(uploadPath(id)) }

    /// The manifest of a digest.
    public func manifest(_ digest: Digest, in repository: String) throws -> RawManifest? {
        guard let type = try text("\(folder(repository))/_manifests/\(digest.hex)") else { return nil }
        var status = stat()
        guard stat(blobPath(digest), &status) == 0 else { return nil }
        let buffer = try read(digest, at: 0, count: Int(status.st_size))
        return RawManifest(mediaType: MediaType(type), bytes: Array(buffer.readableBytesView))
    }

    /// Keeps a manifest.
    public func put(_ manifest: RawManifest, in repository: String) throws {
        try write(manifest.bytes, to: "\(root)/blobs", manifest.digest.hex)
        try write(Array(manifest.mediaType.text.utf8), to: "\(folder(repository))/_manifests", manifest.digest.hex)
    }

    /// Takes a manifest and its tags out of a repository.
    public func remove(manifest digest: Digest, from repository: String) throws -> Bool {
        guard unlink("\(folder(repository))/_manifests/\(digest.hex)") == 0 else { return false }
        for (tag, named) in try tags(in: repository) ?? [:] where named == digest {
            unlink("\(folder(repository))/_tags/\(tag)")
        }
        return true
    }

    /// All manifests of a repository.
    public func manifests(in repository: String) -> [Digest] {
        Self.entries(of: "\(folder(repository))/_manifests").compactMap { try? Digest("sha256:" + $0) }.sorted()
    }

    /// What each tag names.
    public func tags(in repository: String) throws -> [String: Digest]? {
        guard Self.entries(of: folder(repository)).contains(where: { $0.hasPrefix("_") }) else { return nil }
        var tags: [String: Digest] = [:]
        for tag in Self.entries(of: "\(folder(repository))/_tags") {
            tags[tag] = try text("\(folder(repository))/_tags/\(tag)").flatMap { try? Digest($0) }
        }
        return tags
    }

    /// Makes a tag name a manifest, or nothing.
    public func tag(_ tag: String, as digest: Digest?, in repository: String) throws {
        guard let digest else {
            unlink("\(folder(repository))/_tags/\(tag)")
            return
        }
        try write(Array(digest.description.utf8), to: "\(folder(repository))/_tags", tag)
    }

    private func text(_ path: String) throws -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        let file = try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            try String(unsafeUninitializedCapacity: 4096) { space in
                try file.read(into: UnsafeMutableRawBufferPointer(space))
            }
        }
    }

    /// Writes a small file under a temporary name, and renames it.
    private func write(_ bytes: [UInt8], to folder: String, _ name: String) throws(StorageError) {
        try Self.makeFolder(folder)
        let temporary = "\(root)/uploads/\(UInt64.random(in: 0...UInt64.max))"
        do {
            let file = try SystemPackage.FileDescriptor.open(
                FilePath(temporary),
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644)
            )
            try file.closeAfter {
                try file.writeAll(bytes)
                guard bytes.isEmpty || fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw StorageError(path: "\(folder)/\(name)", errno: (error as? Errno)?.rawValue ?? EIO)
        }
        guard rename(temporary, "\(folder)/\(name)") == 0 else {
            throw StorageError(path: "\(folder)/\(name)", errno: errno)
        }
    }

    private static func sync(_ path: String) throws(StorageError) {
        do {
            let file = try SystemPackage.FileDescriptor.open(FilePath(path), .writeOnly, options: .closeOnExec)
            try file.closeAfter {
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw StorageError(path: path, errno: (error as? Errno)?.rawValue ?? EIO)
        }
    }

    private static func makeFolder(_ path: String) throws(StorageError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw StorageError(path: path, errno: errno)
        }
        try makeFolder(String(path[..<slash]))
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw StorageError(path: path, errno: errno) }
    }

    private static func entries(of path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// A file of a registry that can't be written.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    private let reason: String

    init(path: String, errno: Int32) {
        self.path = path
        reason = "\(Errno(rawValue: errno))"
    }

    /// The path and the reason.
    public var description: String { "Writing '\(path)': \(reason)" }
}
