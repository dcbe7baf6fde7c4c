package import ImageStore
import NIOCore

extension RandomAccessFile {
    /// The bytes from `start` up to `end`, in pieces, as they are wanted.
    ///
    /// - Parameter state: What the file must be like until the last of them was read, if that matters.
    package func content(from start: Int64, to end: Int64, entry: String, in state: FileState? = nil) -> BlobBody {
        BlobBody(FileChunks(file: self, entry: entry, start: start, end: end, state: state))
    }
}

/// A range of a file in pieces. Reading one doesn't hold its thread for long.
private struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let file: RandomAccessFile
    let entry: String
    let start: Int64
    let end: Int64
    let state: FileState?

    /// The size of a piece in bytes: it fits into a processor's cache, so that hashing finds it there.
    private static let pieceSize = 256 << 10

    /// How many pieces are on their way to a server at once, with that which is being read.
    private static let piecesUnderWay = 5

    struct AsyncIterator: AsyncIteratorProtocol {
        private let chunks: FileChunks
        private var offset: Int64
        /// Taken in turn; the memory of one is used again when nobody has the piece any more that was in it.
        private var buffers: [ByteBuffer]
        private var turn = 0

        init(_ chunks: FileChunks) {
            self.chunks = chunks
            offset = chunks.start
            buffers = Array(repeating: ByteBuffer(), count: chunks.state == nil ? 1 : FileChunks.piecesUnderWay)
        }

        mutating func next() async throws -> ByteBuffer? {
            guard offset < chunks.end else { return nil }
            let count = Int(Swift.min(chunks.end - offset, Int64(FileChunks.pieceSize)))
            turn = (turn + 1) % buffers.count
            try chunks.file.read(at: offset, count: count, into: &buffers[turn], entry: chunks.entry)
            if let state = chunks.state {
                try chunks.file.check(state, of: offset..<offset + Int64(count), entry: chunks.entry)
            }
            offset += Int64(count)
            return buffers[turn]
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
