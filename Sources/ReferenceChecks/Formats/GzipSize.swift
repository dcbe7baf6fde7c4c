import CLibZ

/// How long something is once gzip has compressed it, in bytes: what uploads are measured by.
enum GzipSize {
    /// The size of `bytes`, at the level that programs take when none is named; as they are where zlib has no memory.
    static func of(_ bytes: [UInt8]) -> Int {
        var stream = z_stream()
        // The largest window, and a header in gzip's form.
        guard
            deflateInit2_(
                &stream,
                6,
                Z_DEFLATED,
                15 + 16,
                8,
                Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)
            ) == Z_OK
        else { return bytes.count }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 256 << 10)
        var size = 0
        var position = 0
        var status = Z_OK
        while status == Z_OK || status == Z_BUF_ERROR {
            let piece = min(input.count - position, 1 << 20)
            let isLast = position + piece == input.count
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress.map { $0 + position }
                stream.avail_in = UInt32(piece)
                repeat {
                    output.withUnsafeMutableBufferPointer { space in
                        stream.next_out = space.baseAddress
                        stream.avail_out = UInt32(space.count)
                        status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                        size += space.count - Int(stream.avail_out)
                    }
                } while status == Z_OK && stream.avail_out == 0
            }
            position += piece - Int(stream.avail_in)
        }
        return size
    }
}
