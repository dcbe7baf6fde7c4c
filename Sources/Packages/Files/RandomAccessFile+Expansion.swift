import Compression
import LibC
import LocalFiles
import NIOCore

import struct SystemPackage.Errno
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath

extension RandomAccessFile {
    /// The package itself, or what it comes to where it is compressed: bytes are read at any place, and so they are
    /// decompressed into a file of `folder`, which has no name and is gone with the last that refers to it.
    ///
    /// - Parameter folder: Nil for the folder of temporary files.
    /// - Throws: `ArchiveError` naming the package; `UnknownPackageError` for what other programs compressed.
    func expanded(in folder: String?) async throws -> RandomAccessFile {
        let start = try bytes(at: 0, count: Int(min(Self.headSize, size)), entry: nil)
        guard let format = CompressionFormat(of: start) else {
            if let program = AnyPackage.unreadableCompression(start) {
                throw UnknownPackageError(path: path, reason: .compressed(program))
            }
            return self
        }
        let folder = folder ?? NamelessFile.defaultFolder
        let output: FileHandle
        do { output = FileHandle(try NamelessFile.open(in: FilePath(folder))) } catch {
            throw ArchiveError.temporaryFolder(path: path, folder: folder, reason: "\(error)")
        }
        let room = NamelessFile.room(at: output.descriptor) ?? .max
        // What isn't announced is at least as long as what is compressed, but for the little that small files gain.
        let least = Expansion.announcedCount(of: format, start) ?? (size > Self.pieceSize ? size : 0)
        do {
            let limit = Expansion.Limit.archive
            guard least <= limit.bytes(from: size) else {
                throw CompressionError.expanding(ratio: limit.ratio, bytes: limit.bytes(from: size))
            }
            guard least <= room else { throw noRoom(folder, needed: least) }
            let count = try await expand(format, to: output.descriptor, room: room, in: folder)
            return RandomAccessFile(path: path, size: count, handle: output)
        } catch let error as CompressionError {
            throw ArchiveError.compressed(path: path, reason: "\(error)")
        } catch let error as Errno {
            throw ArchiveError.temporaryFolder(path: path, folder: folder, reason: "\(error)")
        }
    }

    /// What tells the compression and, of zstd, the size: a frame's header.
    private static let headSize: Int64 = 18
    private static let pieceSize: Int64 = 256 << 10
    /// After how many pieces others on this thread have their turn.
    private static let piecesAtOnce = 32

    private func expand(
        _ format: CompressionFormat,
        to output: FileDescriptor,
        room: Int64,
        in folder: String
    ) async throws -> Int64 {
        // All of the file counts, not what was read of it.
        let most = Expansion.Limit.archive.bytes(from: size)
        var expansion = try Expansion(of: format, limit: nil)
        var (offset, turn) = (Int64(0), 0)
        while offset < size {
            let count = min(size - offset, Self.pieceSize)
            expansion.add(try buffer(at: offset, count: Int(count), entry: nil))
            offset += count
            while let bytes = try expansion.next() {
                try Task.checkCancellation()
                guard expansion.count <= most else {
                    throw CompressionError.expanding(ratio: Expansion.Limit.archive.ratio, bytes: most)
                }
                guard expansion.count <= room else { throw noRoom(folder, needed: expansion.count) }
                do {
                    try bytes.withUnsafeReadableBytes {
                        try output.writeAll(toAbsoluteOffset: expansion.count - Int64($0.count), $0)
                    }
                } catch let error as Errno where error == .noSpace {
                    throw noRoom(folder, needed: expansion.count)
                }
                turn += 1
                if turn.isMultiple(of: Self.piecesAtOnce) { await Task.yield() }
            }
        }
        try expansion.finish()
        return expansion.count
    }

    private func noRoom(_ folder: String, needed: Int64) -> ArchiveError {
        .noRoom(path: path, folder: folder, needed: needed)
    }
}
