import Compression
import NIOCore

extension RandomAccessFile {
    /// How it is compressed, by how it begins; nil for one that isn't.
    var compression: CompressionFormat? {
        let start = try? bytes(at: 0, count: Int(min(size, Int64(CompressionFormat.prefixSize))), entry: nil)
        return start.flatMap { CompressionFormat(of: $0) }
    }

    /// The package itself, or what it comes to where it is compressed: bytes are read at any place, and so they are
    /// decompressed into a file of `folder`.
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
        // What isn't announced is at least as long as what is compressed, but for the little that small files gain.
        let least = Expansion.announcedCount(of: format, start) ?? (size > Self.pieceSize ? size : 0)
        do {
            var spool = try SpoolFile(for: path, .decompressing, in: folder)
            try Self.check(least, of: size)
            try spool.reserve(least)
            try await expand(format, to: &spool)
            return spool.file
        } catch let error as CompressionError {
            throw ArchiveError.compressed(path: path, reason: "\(error)")
        }
    }

    /// What tells the compression and, of zstd, the size: a frame's header.
    private static let headSize: Int64 = 18
    private static let pieceSize: Int64 = 256 << 10
    /// After how many pieces others on this thread have their turn.
    private static let piecesAtOnce = 32

    private static func check(_ count: Int64, of size: Int64) throws(CompressionError) {
        let limit = Expansion.Limit.archive
        guard count <= limit.bytes(from: size) else {
            throw .expanding(ratio: limit.ratio, bytes: limit.bytes(from: size))
        }
    }

    private func expand(_ format: CompressionFormat, to spool: inout SpoolFile) async throws {
        // All of the file counts, not what was read of it.
        var expansion = try Expansion(of: format, limit: nil)
        var (offset, turn) = (Int64(0), 0)
        while offset < size {
            let count = min(size - offset, Self.pieceSize)
            expansion.add(try buffer(at: offset, count: Int(count), entry: nil))
            offset += count
            while let bytes = try expansion.next() {
                try Task.checkCancellation()
                try Self.check(expansion.count, of: size)
                try spool.append(bytes)
                turn += 1
                if turn.isMultiple(of: Self.piecesAtOnce) { await Task.yield() }
            }
        }
        try expansion.finish()
    }
}
