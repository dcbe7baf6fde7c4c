import CLibZstd
import NIOCore

/// Decompresses zstd, one frame behind the other: RFC 8878.
final class ZstdDecoder: Decoder {
    private let context: OpaquePointer
    private(set) var isAtEnd = false
    private var hasFrames = false

    /// How much is decompressed at once, in bytes.
    private static let pieceSize = 256 << 10
    /// The largest window that is given memory: what zstd itself takes unasked, as a power of 2.
    private static let windowLog: Int32 = 27

    init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    func decode(_ input: inout ByteBuffer) throws(CompressionError) -> ByteBuffer {
        // Without input a new frame isn't begun.
        guard !isAtEnd || input.readableBytes > 0 else { return ByteBuffer() }
        let isBetweenFrames = isAtEnd
        var output = ByteBufferAllocator().buffer(capacity: Self.pieceSize)
        var status = 0
        input.readWithUnsafeMutableReadableBytes { source in
            var given = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                var room = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
                status = ZSTD_decompressStream(context, &room, &given)
                return room.pos
            }
            return given.pos
        }
        guard ZSTD_isError(status) == 0 else { throw error(status, isBetweenFrames: isBetweenFrames) }
        isAtEnd = status == 0
        if isAtEnd { hasFrames = true }
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
