import CLibZ
import NIOCore

/// Compresses into one member of gzip without a name and a time, so that the same bytes give the same.
final class GzipEncoder: Encoder {
    // zlib keeps the addresses.
    private let stream: UnsafeMutablePointer<z_stream>
    private let header: UnsafeMutablePointer<gz_header>

    private static let pieceSize = 256 << 10
    /// The largest window, and a header in gzip's form.
    private static let windowBits: Int32 = 15 + 16
    /// The system that isn't told, of RFC 1952.
    private static let unknownSystem: Int32 = 255

    init(level: Int) throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        header = .allocate(capacity: 1)
        header.initialize(to: gz_header())
        header.pointee.os = Self.unknownSystem
        let status = deflateInit2_(
            stream,
            Int32(level),
            Z_DEFLATED,
            Self.windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else { throw .outOfMemory }
        deflateSetHeader(stream, header)
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        header.deinitialize(count: 1)
        header.deallocate()
    }

    func encode(_ input: ByteBuffer) throws(CompressionError) -> [ByteBuffer] { try run(input, Z_NO_FLUSH) }

    func finish() throws(CompressionError) -> [ByteBuffer] { try run(ByteBuffer(), Z_FINISH) }

    private func run(_ input: ByteBuffer, _ flush: Int32) throws(CompressionError) -> [ByteBuffer] {
        var input = input
        var pieces: [ByteBuffer] = []
        var status = Z_OK
        var isFull = false
        repeat {
            var output = ByteBufferAllocator().buffer(capacity: Self.pieceSize)
            input.readWithUnsafeMutableReadableBytes { source in
                stream.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_in = UInt32(clamping: source.count)
                let given = Int(stream.pointee.avail_in)
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                    stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(clamping: space.count)
                    let room = Int(stream.pointee.avail_out)
                    status = deflate(stream, flush)
                    isFull = stream.pointee.avail_out == 0
                    return room - Int(stream.pointee.avail_out)
                }
                return given - Int(stream.pointee.avail_in)
            }
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw .damaged(.gzip, "status \(status)")
            }
            if output.readableBytes > 0 { pieces.append(output) }
        } while input.readableBytes > 0 || isFull || (flush == Z_FINISH && status == Z_OK)
        return pieces
    }
}
