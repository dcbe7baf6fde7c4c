import LibC
import LocalFiles
import NIOCore
import NIOPosix
import SystemPackage

/// An output that can't be written to a temporary file and renamed: standard output, a pipe, a device.
///
/// Writing may take as long as whoever reads wants, and so happens on threads that may wait.
struct StreamOutput: SequentialOutput {
    /// What to call it in messages.
    let name: String
    private let handle: StreamHandle
    private var pending: [ByteBuffer] = []
    private var pendingCount = 0

    /// How many bytes are written at once.
    private static let batchSize = 512 << 10

    /// Opens `path`; a named pipe is there once someone reads it.
    ///
    /// - Throws: `ArchiveError` when it can't be opened or is a terminal.
    init(path: String) async throws {
        try PackagePath.refuseTerminal(path)
        if path == PackagePath.standardStream {
            name = "standard output"
            handle = StreamHandle(.standardOutput, isOwned: false)
        } else {
            name = path
            do {
                handle = try await NIOThreadPool.singleton.runIfActive {
                    StreamHandle(try .open(FilePath(path), .writeOnly, options: .closeOnExec), isOwned: true)
                }
            } catch let error as Errno {
                throw ArchiveError.file(path: path, doing: "Writing package", reason: "\(error)")
            }
        }
        PackagePath.widenPipe(handle.descriptor)
    }

    /// Writes `bytes`, or keeps them until there is enough to write.
    mutating func write(_ bytes: ByteBuffer) async throws {
        pending.append(bytes)
        pendingCount += bytes.readableBytes
        if pendingCount >= Self.batchSize { try await flush() }
    }

    /// Writes what was kept.
    ///
    /// - Throws: `ArchiveError`; `.readerLeft` when nobody reads any more.
    mutating func flush() async throws {
        let batch = pending
        pending = []
        pendingCount = 0
        do {
            try await NIOThreadPool.singleton.runIfActive { [handle] in
                for buffer in batch {
                    _ = try buffer.withUnsafeReadableBytes { try handle.descriptor.writeAll($0) }
                }
            }
        } catch let error as Errno {
            if error == .brokenPipe { throw ArchiveError.readerLeft(path: name) }
            throw ArchiveError.file(path: name, doing: "Writing package", reason: "\(error)")
        }
    }
}
