import LibC
import LocalFiles
import NIOCore
import NIOPosix
import SystemPackage

/// Where a package comes from that can be read once, in order: standard input, a pipe, a device.
///
/// Reading may take as long as whoever writes wants, and so happens on threads that may wait.
struct StreamInput: Sendable {
    /// What to call it in messages.
    let name: String
    private let handle: StreamHandle

    /// How many bytes are read at once.
    private static let batchSize = 512 << 10
    /// For how many milliseconds more bytes are waited for when there are some.
    private static let patience: Int32 = 1

    /// Opens `path`; a named pipe is there once someone writes to it.
    ///
    /// - Throws: `ArchiveError` when it can't be opened or is a terminal.
    init(path: String) async throws {
        try PackagePath.refuseTerminalInput(path)
        name = PackagePath.shown(path)
        if path == PackagePath.standardStream {
            handle = StreamHandle(.standardInput, isOwned: false)
        } else {
            do {
                handle = try await NIOThreadPool.singleton.runIfActive {
                    StreamHandle(try .open(FilePath(path), .readOnly, options: .closeOnExec), isOwned: true)
                }
            } catch let error as Errno {
                throw ArchiveError.file(path: path, doing: "Reading package", reason: "\(error)")
            }
        }
        PackagePath.widenPipe(handle.descriptor)
    }

    /// The next bytes, at least one of them; none at the end.
    func read() async throws -> ByteBuffer {
        do {
            return try await NIOThreadPool.singleton.runIfActive { [handle] in
                var buffer = ByteBufferAllocator().buffer(capacity: Self.batchSize)
                // What a pipe gives at once may be little: several pieces save switches between threads.
                while buffer.readableBytes < Self.batchSize / 2 {
                    let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { space in
                        try handle.descriptor.read(into: space)
                    }
                    if count == 0 { break }
                    // What has come is judged, however long the rest takes.
                    var more = pollfd(fd: handle.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
                    if poll(&more, 1, Self.patience) == 0 { break }
                }
                return buffer
            }
        } catch let error as Errno {
            throw ArchiveError.file(path: name, doing: "Reading package", reason: "\(error)")
        }
    }
}
