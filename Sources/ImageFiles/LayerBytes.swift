import ImageStore
import NIOCore

/// A layer's bytes without their compression, which their beginning tells. Belongs to one reader.
struct LayerBytes {
    /// What they are compressed with.
    private enum Coding {
        case none
        case gzip(GzipDecoder)
    }

    private var base: BlobBody.AsyncIterator
    private var input = ByteBuffer()
    private var coding: Coding?
    private var count: Int64 = 0
    private var isOver = false

    /// How many bytes a layer may come to: far more than any has, and fewer than keep a processor busy for days.
    private static let sizeLimit: Int64 = 1 << 40

    init(_ body: BlobBody) { base = body.makeAsyncIterator() }

    /// The next bytes, at least one of them; nil at the end.
    ///
    /// - Throws: `LayerFault` when they can't be decompressed; what reading them throws.
    mutating func next() async throws -> ByteBuffer? {
        if coding == nil { try await recognize() }
        while true {
            try Task.checkCancellation()
            let output: ByteBuffer
            switch coding {
            case .gzip(let decoder):
                output = try decoder.decode(&input)
                if output.readableBytes == 0, input.readableBytes == 0, try await !fill() {
                    guard decoder.isAtEnd else { throw LayerFault("its gzip data ends too early") }
                    return nil
                }
            default:
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
        while input.readableBytes < 4, try await fill() {}
        let start = input.getBytes(at: input.readerIndex, length: min(4, input.readableBytes)) ?? []
        if start.starts(with: [0x1F, 0x8B]) {
            coding = .gzip(GzipDecoder())
        } else if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            throw LayerFault("it is compressed with zstd, which can't be decompressed here")
        } else {
            coding = Coding.none
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
