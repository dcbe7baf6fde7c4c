import Compression
import NIOCore

/// The bytes of a stream, decompressed if gzip or zstd compressed them.
actor ExpandedStream {
    /// What to call it in messages.
    nonisolated let name: String
    private let input: StreamInput
    /// What decompresses the input; nil if it isn't compressed, and until that is known.
    private var expansion: Expansion?
    private var isRecognized = false
    /// What was read to see what it is.
    private var ahead = ByteBuffer()
    /// How many bytes have come, as they were sent.
    private(set) var receivedCount: Int64 = 0

    init(_ input: StreamInput) {
        self.input = input
        name = input.name
    }

    /// Whether the bytes were compressed; known once any were read.
    var isCompressed: Bool { expansion != nil }

    /// The first bytes, `count` of them unless there are fewer. They are still to be read.
    func start(_ count: Int) async throws -> ByteBuffer {
        while ahead.readableBytes < count {
            var more = try await next()
            guard more.readableBytes > 0 else { break }
            ahead.writeBuffer(&more)
        }
        return ahead.getSlice(at: ahead.readerIndex, length: min(count, ahead.readableBytes)) ?? ahead
    }

    /// The next bytes; none at the end.
    ///
    /// - Throws: `ArchiveError` when they can't be read or decompressed.
    func read() async throws -> ByteBuffer {
        guard ahead.readableBytes == 0 else {
            defer { ahead = ByteBuffer() }
            return ahead
        }
        return try await next()
    }

    private func next() async throws -> ByteBuffer {
        if !isRecognized { return try await recognize() }
        guard expansion != nil else { return try await receive() }
        do {
            while true {
                try Task.checkCancellation()
                if let bytes = try expansion?.next() { return bytes }
                let more = try await receive()
                guard more.readableBytes > 0 else {
                    try expansion?.finish()
                    return ByteBuffer()
                }
                expansion?.add(more)
            }
        } catch let error as CompressionError {
            throw ArchiveError.compressed(path: name, reason: "\(error)")
        }
    }

    private func recognize() async throws -> ByteBuffer {
        isRecognized = true
        var start = try await receive()
        while start.readableBytes < CompressionFormat.prefixSize {
            var more = try await receive()
            guard more.readableBytes > 0 else { return start }
            start.writeBuffer(&more)
        }
        guard let format = CompressionFormat(of: start.readableBytesView) else { return start }
        do { expansion = try Expansion(of: format) } catch {
            throw ArchiveError.compressed(path: name, reason: "\(error)")
        }
        expansion?.add(start)
        return try await next()
    }

    private func receive() async throws -> ByteBuffer {
        let bytes = try await input.read()
        receivedCount += Int64(bytes.readableBytes)
        return bytes
    }
}
