import CLibZstd
import NIOCore

/// Compresses into one frame of zstd with a checksum.
final class ZstdEncoder: Encoder {
    private let context: OpaquePointer

    private static let pieceSize = 256 << 10

    /// - Parameter size: How many bytes there will be, which the frame says then.
    init(level: Int, size: Int64?) throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        if let size { ZSTD_CCtx_setPledgedSrcSize(context, UInt64(max(0, size))) }
    }

    deinit { ZSTD_freeCCtx(context) }

    func encode(_ input: ByteBuffer) throws(CompressionError) -> [ByteBuffer] { try run(input, ZSTD_e_continue) }

    func finish() throws(CompressionError) -> [ByteBuffer] { try run(ByteBuffer(), ZSTD_e_end) }

    private func run(
        _ input: ByteBuffer,
        _ directive: ZSTD_EndDirective
    ) throws(CompressionError) -> [ByteBuffer] {
        var input = input
        var pieces: [ByteBuffer] = []
        var left = 0
        repeat {
            var output = ByteBufferAllocator().buffer(capacity: Self.pieceSize)
            input.readWithUnsafeMutableReadableBytes { source in
                var given = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                    var room = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
                    left = ZSTD_compressStream2(context, &room, &given, directive)
                    return room.pos
                }
                return given.pos
            }
            guard ZSTD_isError(left) == 0 else {
                throw .damaged(.zstd, String(cString: ZSTD_getErrorName(left)))
            }
            if output.readableBytes > 0 { pieces.append(output) }
        } while input.readableBytes > 0 || (directive == ZSTD_e_end && left > 0)
        return pieces
    }
}
