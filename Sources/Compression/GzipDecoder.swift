import CLibZ
import NIOCore

/// Decompresses gzip, one member behind the other: RFC 1952.
final class GzipDecoder: Decoder {
    // zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = false
    private let refusesTrailingBytes: Bool
    private var isInPadding = false

    /// How much is decompressed at once, in bytes.
    private static let pieceSize = 256 << 10
    /// The largest window, and a header in gzip's form.
    private static let windowBits: Int32 = 15 + 16

    /// - Parameter refusesTrailingBytes: Whether what follows the last member is an error, unless it is zeros.
    init(refusesTrailingBytes: Bool) throws(CompressionError) {
        self.refusesTrailingBytes = refusesTrailingBytes
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .outOfMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func decode(_ input: inout ByteBuffer) throws(CompressionError) -> ByteBuffer {
        if isAtEnd, input.readableBytes > 0 {
            guard !isInPadding, input.getInteger(at: input.readerIndex, as: UInt8.self) == 0x1F else {
                try passOver(&input)
                return ByteBuffer()
            }
            inflateReset(stream)
            isAtEnd = false
        }
        var output = ByteBufferAllocator().buffer(capacity: Self.pieceSize)
        var status = Z_OK
        input.readWithUnsafeMutableReadableBytes { source in
            stream.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_in = UInt32(clamping: source.count)
            let given = Int(stream.pointee.avail_in)
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(clamping: space.count)
                let room = Int(stream.pointee.avail_out)
                status = inflate(stream, Z_NO_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            return given - Int(stream.pointee.avail_in)
        }
        switch status {
        case Z_STREAM_END: isAtEnd = true
        // No progress without more input.
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory
        default: throw .damaged(.gzip, stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)")
        }
        return output
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
