import CLibZ
import NIOCore

/// Decompresses gzip, one member behind the other: RFC 1952. Belongs to one reader.
final class GzipDecoder {
    // zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether the bytes so far are whole members.
    private(set) var isAtEnd = false

    /// How much is decompressed at once, in bytes.
    private static let pieceSize = 256 << 10
    /// The largest window, and a header in gzip's form.
    private static let windowBits: Int32 = 15 + 16

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        _ = inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Takes bytes off `input`, and gives what they come to so far.
    ///
    /// - Throws: `LayerFault` when they aren't gzip's.
    func decode(_ input: inout ByteBuffer) throws(LayerFault) -> ByteBuffer {
        if isAtEnd, input.readableBytes > 0 {
            // What isn't a further member is padding.
            guard input.getInteger(at: input.readerIndex, as: UInt8.self) == 0x1F else {
                input.moveReaderIndex(forwardBy: input.readableBytes)
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
        case Z_MEM_ERROR: throw LayerFault("there is not enough memory to decompress it")
        default: throw LayerFault("its gzip data is damaged")
        }
        return output
    }
}
