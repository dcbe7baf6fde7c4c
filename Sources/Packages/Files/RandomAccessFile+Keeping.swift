import NIOCore

extension RandomAccessFile {
    /// How long something may be that isn't a tarball, in bytes: as long as documents.
    private static let otherLimit: Int64 = 1 << 30

    /// All that is left of a stream, in a file of `folder`, so that bytes at any place can be read.
    ///
    /// - Parameter folder: Nil for the folder of temporary files.
    /// - Throws: `ArchiveError` naming the stream; `UnknownPackageError` for what is too long to be something else.
    static func keeping(_ stream: ExpandedStream, in folder: String?) async throws -> RandomAccessFile {
        let start = Array(try await stream.start(TarHeader.blockSize).readableBytesView)
        if let program = AnyPackage.unreadableCompression(start) {
            let reason = "it is compressed; decompress it first, with \(program) -dc"
            throw ArchiveError.compressed(path: stream.name, reason: reason)
        }
        let isTarball = PackagePath.isTarballHeader(start)
        var spool = try SpoolFile(for: stream.name, .keeping, in: folder)
        while case let bytes = try await stream.read(), bytes.readableBytes > 0 {
            try Task.checkCancellation()
            try spool.append(bytes)
            guard isTarball || spool.count <= otherLimit else {
                throw UnknownPackageError(path: stream.name, reason: .file)
            }
        }
        return spool.file
    }
}
