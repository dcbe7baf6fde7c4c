import CLibZstd
import NIOCore

/// Decompresses zstd, one frame behind the other: RFC 8878.
final class ZstdDecoder: Decoder {
    private let context: OpaquePointer
    private(set) var isAtEnd = false
    private var hasFrames = false
    /// The first bytes of the frame that is being read, no more than its header can have.
    private var start: [UInt8] = []
    /// How many bytes that frame came to so far.
    private var size: Int64 = 0

    /// How much is decompressed at once, in bytes.
    private static let pieceSize = 256 << 10
    /// The largest window that is given memory: what zstd itself takes unasked, as a power of 2.
    private static let windowLog: Int32 = 27
    /// The most bytes that the header of a frame has: RFC 8878, section 3.1.1.
    private static let headerSize = 18

    init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    func decode(_ input: inout ByteBuffer) throws(CompressionError) -> ByteBuffer {
        // Without input a new frame isn't begun.
        guard !isAtEnd || input.readableBytes > 0 else { return ByteBuffer() }
        if isAtEnd { (start, size) = ([], 0) }
        let isBetweenFrames = start.count < 4
        // libzstd decodes a frame that it has whole by other rules, which refuse more. The first byte alone keeps it
        // from that: what a frame is worth doesn't depend on how its bytes come in.
        let most = start.isEmpty ? 1 : Int.max
        var output = ByteBufferAllocator().buffer(capacity: Self.pieceSize)
        var status = 0
        input.readWithUnsafeMutableReadableBytes { source in
            var given = ZSTD_inBuffer(src: source.baseAddress, size: min(source.count, most), pos: 0)
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                var room = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
                status = ZSTD_decompressStream(context, &room, &given)
                return room.pos
            }
            start += source[..<min(given.pos, Self.headerSize - start.count)]
            return given.pos
        }
        guard ZSTD_isError(status) == 0 else { throw error(status, isBetweenFrames: isBetweenFrames) }
        size += Int64(output.readableBytes)
        isAtEnd = status == 0
        guard isAtEnd else { return output }
        hasFrames = true
        // libzstd forgets this where the last block is empty.
        if let announced = Self.contentSize(start), announced != size {
            throw .damaged(.zstd, "a frame of \(announced) bytes came to \(size)")
        }
        return output
    }

    private func error(_ status: Int, isBetweenFrames: Bool) -> CompressionError {
        switch ZSTD_getErrorCode(status) {
        case ZSTD_error_frameParameter_windowTooLarge: .largeWindow(limit: 1 << Self.windowLog)
        case ZSTD_error_memory_allocation: .outOfMemory
        case ZSTD_error_prefix_unknown where hasFrames && isBetweenFrames: .trailingBytes(.zstd)
        default: .damaged(.zstd, String(cString: ZSTD_getErrorName(status)))
        }
    }

    /// How many bytes the first frame comes to, if `start` has its header and that says so.
    static func contentSize(_ start: [UInt8]) -> Int64? {
        // 2^64 - 1 is for what isn't known, and 2^64 - 2 for what isn't a header.
        let size = start.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        return size < UInt64.max - 1 ? Int64(clamping: size) : nil
    }
}
