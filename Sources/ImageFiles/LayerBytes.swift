import Compression
import ImageStore
import NIOCore

/// A layer's bytes without their compression, which their beginning tells. Belongs to one reader.
struct LayerBytes {
    private var base: BlobBody.AsyncIterator
    private var input = ByteBuffer()
    /// Nil for bytes that aren't compressed.
    private var expansion: Expansion?
    private var isRecognized = false
    private var count: Int64 = 0
    private var isOver = false

    /// How many bytes a layer may come to: far more than any has, and fewer than keep a processor busy for days.
    private static let sizeLimit: Int64 = 1 << 40

    init(_ body: BlobBody) { base = body.makeAsyncIterator() }

    /// The next bytes, at least one of them; nil at the end.
    ///
    /// - Throws: `LayerFault` when they can't be decompressed; what reading them throws.
    mutating func next() async throws -> ByteBuffer? {
        if !isRecognized { try await recognize() }
        while true {
            try Task.checkCancellation()
            let output: ByteBuffer
            if expansion != nil {
                guard let expanded = try await expand() else { return nil }
                output = expanded
            } else {
                if input.readableBytes == 0, try await !fill() { return nil }
                output = input
                input = ByteBuffer()
            }
            guard output.readableBytes > 0 else { continue }
            count += Int64(output.readableBytes)
            guard count <= Self.sizeLimit else { throw LayerFault("it comes to more than \(Self.sizeLimit) bytes") }
            return output
        }
    }

    /// Reads the compressed bytes to their end, so that their digest is compared.
    mutating func finish() async throws {
        input.clear()
        while !isOver, try await fill() { input.clear() }
    }

    private mutating func recognize() async throws {
        while input.readableBytes < CompressionFormat.prefixSize, try await fill() {}
        let start = input.readableBytesView.prefix(CompressionFormat.prefixSize)
        isRecognized = true
        guard let format = CompressionFormat(of: start) else { return }
        expansion = try Expansion(of: format, limit: nil, refusesTrailingBytes: false)
        expansion?.add(input)
        input = ByteBuffer()
    }

    /// The next bytes of what is compressed; nil at the end.
    private mutating func expand() async throws -> ByteBuffer? {
        do {
            while true {
                if let output = try expansion?.next() { return output }
                try Task.checkCancellation()
                guard try await fill() else {
                    try expansion?.finish()
                    return nil
                }
                expansion?.add(input)
                input = ByteBuffer()
            }
        } catch let error as CompressionError {
            throw LayerFault("\(error)")
        }
    }

    /// Whether there is more.
    private mutating func fill() async throws -> Bool {
        guard !isOver else { return false }
        guard var more = try await base.next() else {
            isOver = true
            return false
        }
        if input.readableBytes == 0 { input = more } else { input.writeBuffer(&more) }
        return true
    }
}
