import CLibZ
import NIOCore

/// Compresses into one member of gzip without a name and a time, so that the same bytes give the same.
final class GzipEncoder: Encoder {
    private let stream = ZlibStream { deflateEnd($0) }
    // zlib keeps the address.
    private let header: UnsafeMutablePointer<gz_header>

    /// The system that isn't told, of RFC 1952.
    private static let unknownSystem: Int32 = 255

    init(level: Int) throws(CompressionError) {
        header = .allocate(capacity: 1)
        header.initialize(to: gz_header())
        header.pointee.os = Self.unknownSystem
        let status = deflateInit2_(
            stream.pointer,
            Int32(level),
            Z_DEFLATED,
            ZlibStream.windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else { throw .outOfMemory }
        deflateSetHeader(stream.pointer, header)
    }

    deinit {
        header.deinitialize(count: 1)
        header.deallocate()
    }

    func encode(_ input: ByteBuffer) throws(CompressionError) -> [ByteBuffer] { try run(input, Z_NO_FLUSH) }

    func finish() throws(CompressionError) -> [ByteBuffer] { try run(ByteBuffer(), Z_FINISH) }

    private func run(_ input: ByteBuffer, _ flush: Int32) throws(CompressionError) -> [ByteBuffer] {
        var input = input
        var pieces: [ByteBuffer] = []
        var step: ZlibStream.Step
        repeat {
            step = stream.step(&input) { deflate($0, flush) }
            guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(step.status) else {
                throw .damaged(.gzip, "status \(step.status)")
            }
            if step.output.readableBytes > 0 { pieces.append(step.output) }
        } while input.readableBytes > 0 || step.isFull || (flush == Z_FINISH && step.status == Z_OK)
        return pieces
    }
}
