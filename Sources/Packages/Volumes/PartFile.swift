import LibC
import LocalFiles
import SystemPackage

/// One of the files that a package is cut into, while it is written.
struct PartFile: Sendable {
    /// Its path, in the end.
    let path: String
    /// How many bytes it has in the end.
    let size: Int64
    private let kind: Kind
    private let writeback = Writeback()

    private enum Kind: Sendable {
        case temporary(AtomicFile)
        /// It has its name from the beginning.
        case plain(FileHandle)
    }

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - count: How many bytes are there already, and stay.
    ///   - remains: Where they are; nil for none.
    ///   - renames: Whether it gets its name only in the end.
    /// - Throws: `ArchiveError` naming it.
    init(path: String, size: Int64, keeping count: Int64, from remains: FilePath?, renames: Bool) throws(ArchiveError) {
        self.path = path
        self.size = size
        do {
            if renames {
                let place = try AtomicFile.temporary(of: path)
                // What has its name already is a file that nobody listed: it is none of a whole package.
                if count > 0, let remains, remains != place { try Self.move(remains, to: place) }
                let file = try AtomicFile(
                    path: path,
                    start: count > 0 ? .resuming : .alone,
                    permissions: FilePermissions(rawValue: 0o644)
                )
                kind = .temporary(file)
                // It may be all that there is of many bytes; it says itself what it is.
                file.outlastProcess()
            } else {
                let options: FileDescriptor.OpenOptions = [.create, .closeOnExec]
                kind = .plain(
                    FileHandle(
                        try .open(
                            FilePath(path),
                            .readWrite,
                            options: options,
                            permissions: [.ownerReadWrite, .groupRead, .otherRead]
                        )
                    )
                )
            }
            guard ftruncate(descriptor.rawValue, off_t(count)) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw Self.failure(path, error)
        }
    }

    private static func move(_ file: FilePath, to place: FilePath) throws {
        guard file.withPlatformString({ old in place.withPlatformString { rename(old, $0) } }) == 0 else {
            throw Errno(rawValue: errno)
        }
    }

    private var descriptor: FileDescriptor {
        switch kind {
        case .temporary(let file): file.descriptor
        case .plain(let handle): handle.descriptor
        }
    }

    private static func failure(_ path: String, _ error: any Error) -> ArchiveError {
        let reason = (error as? AtomicFileError)?.reason ?? "\(error)"
        return .file(path: path, doing: "Writing package", reason: reason)
    }

    /// Writes `bytes` at `offset`. They go to the page cache, so this doesn't hold its thread for long.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        do {
            try descriptor.writeAll(toAbsoluteOffset: offset, bytes)
        } catch {
            if error as? Errno == .noSpace { throw .noSpace(path: path, needed: size - offset) }
            throw Self.failure(path, error)
        }
        let flushed = (offset + Int64(bytes.count)) / Writeback.flushInterval
        let before = offset / Writeback.flushInterval
        guard flushed > before else { return }
        writeback.start(
            descriptor,
            at: before * Writeback.flushInterval,
            count: (flushed - before) * Writeback.flushInterval
        )
    }

    /// Syncs the file; it gets its name by what comes out, unless it has it.
    ///
    /// - Throws: `ArchiveError` naming it.
    func seal() throws(ArchiveError) -> SealedFile? {
        writeback.finish()
        do {
            switch kind {
            case .temporary(let file): return try file.seal()
            case .plain(let handle):
                guard fsync(handle.descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
                return nil
            }
        } catch {
            throw Self.failure(path, error)
        }
    }

    /// Removes the file.
    func discard() {
        writeback.finish()
        switch kind {
        case .temporary(let file): file.discard()
        case .plain: Self.remove(path)
        }
    }

    /// Leaves what was written to a later run.
    func keep() {
        writeback.finish()
        if case .temporary(let file) = kind { file.keep() }
    }

    /// Removes the file `path`.
    static func remove(_ path: String) { _ = FilePath(path).withPlatformString { unlink($0) } }
}
