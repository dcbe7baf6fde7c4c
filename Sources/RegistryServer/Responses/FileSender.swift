import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import Packages

/// Sends a stretch of a file by `sendfile`: the kernel copies it to the socket, and it never passes through this process.
///
/// The body's parts of the server's own type hold buffers alone. So this part is handed to what stands before the
/// handler that makes those of NIO's, which know regions of files. The head has passed by then, and its length is stated.
struct FileSender: Sendable {
    let channel: any Channel

    /// Sends `count` bytes from `offset` on, and returns when the socket has taken them.
    ///
    /// - Returns: Whether it was sent: not where it is in several files.
    func send(_ place: FileSlice, from offset: Int64, count: Int) async throws -> Bool {
        guard let (descriptor, begin) = try place.openDescriptor() else { return false }
        let file = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        let start = Int(begin + offset)
        let channel = channel
        let sent = channel.eventLoop.flatSubmit {
            let promise = channel.eventLoop.makePromise(of: Void.self)
            do {
                let codec = try channel.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
                let region = FileRegion(fileHandle: file, readerIndex: start, endIndex: start + count)
                codec.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.fileRegion(region))), promise: promise)
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }
        do {
            try await sent.get()
            try file.close()
            return true
        } catch {
            try? file.close()
            throw error
        }
    }
}
