import CLibZ
import NIOCore

/// Decompresses gzip, one member behind the other: RFC 1952.
final class GzipDecoder: Decoder {
    private let stream = ZlibStream { inflateEnd($0) }
    private(set) var isAtEnd = false
    private let refusesTrailingBytes: Bool
    private var isInPadding = false

    /// - Parameter refusesTrailingBytes: Whether what follows the last member is an error, unless it is zeros.
    init(refusesTrailingBytes: Bool) throws(CompressionError) {
        self.refusesTrailingBytes = refusesTrailingBytes
        let size = Int32(MemoryLayout<z_stream>.size)
        let status = inflateInit2_(stream.pointer, ZlibStream.windowBits, ZLIB_VERSION, size)
        guard status == Z_OK else { throw .outOfMemory }
    }

    func decode(_ input: inout ByteBuffer) throws(CompressionError) -> ByteBuffer {
        if isAtEnd, input.readableBytes > 0 {
            guard !isInPadding, input.getInteger(at: input.readerIndex, as: UInt8.self) == 0x1F else {
                try passOver(&input)
                return ByteBuffer()
            }
            inflateReset(stream.pointer)
            isAtEnd = false
        }
        let step = stream.step(&input) { inflate($0, Z_NO_FLUSH) }
        switch step.status {
        case Z_STREAM_END: isAtEnd = true
        // No progress without more input.
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory
        default:
            throw .damaged(.gzip, stream.pointer.pointee.msg.map { String(cString: $0) } ?? "status \(step.status)")
        }
        return step.output
    }

    /// What isn't a further member is padding, as media of fixed blocks have.
    private func passOver(_ input: inout ByteBuffer) throws(CompressionError) {
        isInPadding = true
        guard !refusesTrailingBytes || input.readableBytesView.allSatisfy({ $0 == 0 }) else {
            throw .trailingBytes(.gzip)
        }
        input.moveReaderIndex(forwardBy: input.readableBytes)
    }
}
