public import ContainerImage
import LibC
public import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// What is taken, named and removed.
extension FolderStorage {
    private func uploadPath(_ id: String) -> String { "\(root)/uploads/\(id)" }

    /// Adds bytes to an upload.
    public func append(_ bytes: ByteBuffer, to upload: String, at offset: Int64) throws {
        let file = try SystemPackage.FileDescriptor.open(
            FilePath(uploadPath(upload)),
            .writeOnly,
            options: offset == 0 ? [.create, .closeOnExec] : .closeOnExec,
            permissions: FilePermissions(rawValue: 0o644)
        )
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

    /// A piece of an upload.
    public func read(upload: String, at offset: Int64, count: Int) throws -> ByteBuffer {
        try Self.read(uploadPath(upload), at: offset, count: count)
    }

    /// Makes an upload a blob.
    public func commit(upload: String, size: Int64, as blob: Digest, in repository: String) async throws {
        // Syncing takes as long as the disk needs; other requests go on meanwhile.
        try await NIOThreadPool.singleton.runIfActive { [self] in
            let path = uploadPath(upload)
            if size == 0 { try append(ByteBuffer(), to: upload, at: 0) }
            try Self.sync(path, size: size)
            let markers = "\(folder(repository))/_blobs"
            try Self.makeFolder(markers)
            try names.withLock { _ in
                try Self.rename(path, to: blobPath(blob))
                try Self.touch("\(markers)/\(blob.hex)")
            }
            try Self.syncFolder("\(root)/blobs")
            try Self.syncFolder(markers)
        }
    }

    /// Frees the bytes of an upload.
    public func cancel(upload: String) { unlink(uploadPath(upload)) }

    /// Makes a blob one of another repository.
    public func mount(_ blob: Digest, from source: String?, to repository: String) throws -> Bool {
        let markers = "\(folder(repository))/_blobs"
        let isThere = { [self] in
            source.map { size(of: blob, in: $0) != nil } ?? (access(blobPath(blob), F_OK) == 0)
        }
        guard isThere() else { return false }
        try Self.makeFolder(markers)
        let isNamed = try names.withLock { _ in
            guard isThere() else { return false }
            try Self.touch("\(markers)/\(blob.hex)")
            return true
        }
        if isNamed { try Self.syncFolder(markers) }
        return isNamed
    }

    /// Takes a blob out of a repository, and frees it where no other has it.
    public func remove(_ blob: Digest, from repository: String) -> Bool {
        names.withLock { _ in
            guard unlink("\(folder(repository))/_blobs/\(blob.hex)") == 0 else { return false }
            free(blob)
            return true
        }
    }

    /// Keeps a manifest.
    public func put(_ manifest: RawManifest, in repository: String) async throws {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            let markers = "\(folder(repository))/_manifests"
            try Self.makeFolder(markers)
            let content = try temporary(manifest.bytes)
            let type = try temporary(Array(manifest.mediaType.text.utf8))
            try names.withLock { _ in
                try Self.rename(content, to: blobPath(manifest.digest))
                try Self.rename(type, to: "\(markers)/\(manifest.digest.hex)")
                referrerIndex.put(manifest, in: repository)
            }
            try Self.syncFolder("\(root)/blobs")
            try Self.syncFolder(markers)
        }
    }

    /// Takes a manifest and its tags out of a repository, and frees it where no other has it.
    public func remove(manifest digest: Digest, from repository: String) throws -> Bool {
        let tags = try tags(in: repository) ?? [:]
        return names.withLock { _ in
            guard unlink("\(folder(repository))/_manifests/\(digest.hex)") == 0 else { return false }
            for (tag, named) in tags where named == digest { unlink("\(folder(repository))/_tags/\(tag)") }
            referrerIndex.remove(digest, from: repository)
            free(digest)
            return true
        }
    }

    /// Makes a tag name a manifest, or nothing.
    public func tag(_ tag: String, as digest: Digest?, in repository: String) async throws {
        let tags = "\(folder(repository))/_tags"
        guard let digest else {
            unlink("\(tags)/\(tag)")
            return
        }
        try await NIOThreadPool.singleton.runIfActive { [self] in
            try Self.makeFolder(tags)
            try Self.rename(try temporary(Array(digest.description.utf8)), to: "\(tags)/\(tag)")
            try Self.syncFolder(tags)
        }
    }

    /// Writes a small file under a name of its own; gives its path.
    private func temporary(_ bytes: [UInt8]) throws(StorageError) -> String {
        let path = uploadPath("\(UInt64.random(in: 0...UInt64.max))")
        do {
            let file = try SystemPackage.FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644)
            )
            try file.closeAfter {
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            unlink(path)
            throw StorageError(path: path, error)
        }
        return path
    }
}
