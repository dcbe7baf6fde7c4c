import LibC
import LocalFiles
import SystemPackage

/// The tarball on its way to its place: see `AtomicFile`.
package struct OutputFile: Sendable {
    /// The target.
    package let path: String
    /// Whether the layers that are there already may be those of the same package.
    let isResumed: Bool
    private let size: Int64
    private let file: AtomicFile
    private let writeback = Writeback()
    private var descriptor: FileDescriptor { file.descriptor }

    /// Where the temporary is, in words.
    var temporary: String { file.temporary.string }

    /// Opens the temporary file, of `size` bytes, and writes `head`.
    ///
    /// - Parameters:
    ///   - signature: Where in `head` a signature is: the one of an earlier run was another one.
    ///   - resumes: Whether what an earlier run left is kept, if it begins with the same `head`: that has all
    ///     digests and sizes in it, so everything has the same place then.
    /// - Throws: `ArchiveError` when the file can't be written or there isn't room.
    package init(
        path: String,
        size: Int64,
        head: [UInt8] = [],
        signature: Range<Int>? = nil,
        resumes: Bool = false
    ) throws(ArchiveError) {
        self.path = path
        self.size = size
        do {
            file = try AtomicFile(
                path: path,
                start: resumes ? .resuming : .alone,
                permissions: FilePermissions(rawValue: 0o644)
            )
        } catch {
            throw .file(path: path, doing: "Writing package", reason: error.reason)
        }
        var found = (try? Self.read(file.descriptor, at: 0, count: head.count)) ?? []
        let hasHead = found == head
        if let signature, found.count == head.count { found.replaceSubrange(signature, with: head[signature]) }
        isResumed = file.sizeBefore == size && found == head
        do {
            try reserve()
            if !isResumed || !hasHead { try write(head, at: 0) }
        } catch {
            discard()
            throw error as? ArchiveError ?? failure(error)
        }
    }

    private func reserve() throws(ArchiveError) {
        guard isResumed || ftruncate(descriptor.rawValue, 0) == 0 else { throw failure(Errno(rawValue: errno)) }
        var own = stat()
        let held = fstat(descriptor.rawValue, &own) == 0 ? Int64(own.st_blocks) * 512 : 0
        if let room = NamelessFile.room(at: descriptor), room < max(0, size - held) {
            throw .noSpace(path: path, needed: size)
        }
        guard ftruncate(descriptor.rawValue, off_t(size)) == 0 else { throw failure(Errno(rawValue: errno)) }
    }

    private func failure(_ error: any Error) -> ArchiveError {
        .file(path: path, doing: "Writing package", reason: "\(error)")
    }

    /// Writes `bytes` at `offset`. The bytes go to the page cache, so this doesn't hold its thread for long.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        do {
            try descriptor.writeAll(toAbsoluteOffset: offset, bytes)
        } catch {
            if error as? Errno == .noSpace { throw .noSpace(path: path, needed: Int64(bytes.count)) }
            throw failure(error)
        }
    }

    /// Writes `bytes` at `offset`.
    package func write(_ bytes: [UInt8], at offset: Int64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    /// The bytes at `offset`, fewer than `count` where the file ends.
    func read(at offset: Int64, count: Int) throws -> [UInt8] {
        try Self.read(descriptor, at: offset, count: count)
    }

    private static func read(
        _ descriptor: FileDescriptor,
        at offset: Int64,
        count: Int
    ) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let read = try descriptor.read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
                guard read > 0 else { return }
                filled += read
            }
        }
    }

    /// Hands `count` bytes at `offset`, which have been written, to the disk.
    func startWriteback(at offset: Int64, count: Int64) {
        writeback.start(descriptor, at: offset, count: count)
    }

    /// Waits until the disk has been given what was handed over, so that a task that is cancelled meanwhile ends soon.
    func settle() async throws {
        await writeback.drain()
        try Task.checkCancellation()
    }

    /// Syncs the file and gives it its name.
    package func commit() throws(ArchiveError) {
        writeback.finish()
        do { try file.commit() } catch { throw .file(path: path, doing: "Writing package", reason: error.reason) }
    }

    /// Removes what was written.
    package func discard() {
        writeback.finish()
        file.discard()
    }

    /// Leaves what was written to a later run that resumes.
    func keep() {
        writeback.finish()
        file.keep()
    }

    /// From now on what was written stays, even when the process must end at once.
    func outlastProcess() { file.outlastProcess() }
}

extension FileDescriptor {
    /// Writes all of `bytes` at `offset`.
    func writeAll(toAbsoluteOffset offset: Int64, _ bytes: UnsafeRawBufferPointer) throws {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            written += try write(toAbsoluteOffset: offset + Int64(written), rest)
        }
    }
}
