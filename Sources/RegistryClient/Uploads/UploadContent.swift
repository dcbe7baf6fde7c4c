import ContainerImage
import ImageStore
import NIOCore

/// A blob's bytes on their way to a registry, for as many requests as it takes.
///
/// They are read in their order, and again from where a request has to begin again: from the source where it can be read
/// again, else from memory, which keeps the last ones.
actor UploadContent {
    nonisolated let blob: Descriptor
    private let source: any ImageSource
    private let item: TransferProgress.Item?
    private let window: Int64
    private var iterator: BlobBody.AsyncIterator?
    /// What was read last, up to `position`.
    private var kept: [ByteBuffer] = []
    private var keptStart: Int64 = 0
    private var verifier: BlobVerifier
    /// No byte from here on is let go.
    private var floor = Int64.max
    private var counted: Int64 = 0
    /// A request that was given up may still be reading.
    private let turn = ConcurrencyLimit(1)

    /// The first byte that hasn't been read.
    private(set) var position: Int64 = 0

    /// - Parameters:
    ///   - item: Counts the bytes that are sent, each once.
    ///   - window: How many bytes are kept where the source can be read once.
    init(_ blob: Descriptor, from source: any ImageSource, counting item: TransferProgress.Item?, window: Int64) {
        self.blob = blob
        self.source = source
        self.item = item
        self.window = source.isRepeatable ? 0 : window
        verifier = BlobVerifier(blob, hashing: !source.isVerified)
        item?.restart()
    }

    /// Whether the bytes from `offset` on are available.
    func covers(_ offset: Int64) -> Bool { source.isRepeatable || offset == position || offset >= keptStart }

    /// Reads a range into memory, where the source can be read once; it stays there until another one is.
    func hold(_ range: Range<Int64>) async throws {
        guard !source.isRepeatable else { return }
        floor = range.lowerBound
        while position < range.upperBound { try await read(from: position) }
    }

    /// The bytes of a range, as the body of a request.
    nonisolated func body(_ range: Range<Int64>) -> BlobBody { BlobBody(UploadBody(content: self, range: range)) }

    /// A piece that begins at `offset`, of at most `count` bytes.
    ///
    /// - Throws: `BlobError` where the source hasn't the bytes of the blob; the last piece is given only when all are right.
    fileprivate func piece(at offset: Int64, upTo count: Int64) async throws -> ByteBuffer {
        while true {
            if let piece = keptPiece(at: offset, upTo: count) {
                let end = offset + Int64(piece.readableBytes)
                item?.add(Int(end - counted))
                counted = end
                return piece
            }
            try await read(from: offset)
        }
    }

    private func keptPiece(at offset: Int64, upTo count: Int64) -> ByteBuffer? {
        guard (keptStart..<position).contains(offset) else { return nil }
        var start = keptStart
        for piece in kept {
            let end = start + Int64(piece.readableBytes)
            if offset < end {
                let skipped = Int(offset - start)
                let length = min(count, Int64(piece.readableBytes - skipped))
                return piece.getSlice(at: piece.readerIndex + skipped, length: Int(length))
            }
            start = end
        }
        return nil
    }

    /// Reads the next piece, so that it begins at `offset` where that isn't in memory.
    private func read(from offset: Int64) async throws {
        try await turn.run { try await self.advance(to: offset) }
    }

    private func advance(to offset: Int64) async throws {
        guard keptPiece(at: offset, upTo: 1) == nil else { return }
        if iterator == nil || offset != position {
            guard source.isRepeatable || position == 0 && offset == 0 else { throw UnkeptBytesError(blob: blob.digest) }
            iterator = try await source.content(of: blob, from: offset).makeAsyncIterator()
            (kept, keptStart, position) = ([], offset, offset)
        }
        guard var reading = iterator.take() else { return }
        guard let piece = try await reading.next(isolation: self) else {
            throw BlobError.tooShort(blob.digest, expected: blob.size, received: position)
        }
        try verify(piece)
        if position + Int64(piece.readableBytes) == blob.size {
            while let more = try await reading.next(isolation: self) { try verifier.update(more) }
            try verifier.finish()
        }
        kept.append(piece)
        position += Int64(piece.readableBytes)
        iterator = reading
        release()
    }

    /// Hashes what wasn't hashed before.
    private func verify(_ piece: ByteBuffer) throws(BlobError) {
        let known = verifier.count - position
        guard known < piece.readableBytes else { return }
        var new = piece
        new.moveReaderIndex(forwardBy: Int(max(known, 0)))
        try verifier.update(new)
    }

    /// Lets go of what won't be sent again.
    private func release() {
        var count = 0
        while count < kept.count - 1 {
            let end = keptStart + Int64(kept[count].readableBytes)
            guard position - end >= window, end <= floor else { break }
            keptStart = end
            count += 1
        }
        kept.removeFirst(count)
    }
}

/// Bytes of a stream that are wanted again, and were let go.
private struct UnkeptBytesError: ContentError, CustomStringConvertible {
    let blob: Digest

    var description: String { "the bytes of \(blob) that the registry lacks passed by and can't be read again" }
}

/// A range of a blob, piece by piece.
private struct UploadBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let content: UploadContent
    let range: Range<Int64>

    struct AsyncIterator: AsyncIteratorProtocol {
        let content: UploadContent
        var rest: Range<Int64>

        mutating func next() async throws -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            let piece = try await content.piece(at: rest.lowerBound, upTo: rest.upperBound - rest.lowerBound)
            rest = (rest.lowerBound + Int64(piece.readableBytes))..<rest.upperBound
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(content: content, rest: range) }
}
