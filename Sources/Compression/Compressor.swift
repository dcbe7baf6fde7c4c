public import NIOCore

/// Compresses bytes as they come. The same bytes and setting give the same ones, whatever the pieces that they come in.
/// Belongs to one writer.
public struct Compressor {
    private let encoder: any Encoder
    private var pending = ByteBuffer()

    /// How many bytes are compressed at once: always as many, so that what comes out doesn't depend on how they came.
    private static let pieceSize = 256 << 10

    /// Creates a compressor.
    ///
    /// - Parameter size: How many bytes there will be; nil if that isn't known. Other bytes than that are an error then.
    /// - Throws: `CompressionError.outOfMemory`.
    public init(_ setting: CompressionSetting, size: Int64? = nil) throws(CompressionError) {
        switch setting.format {
        case .gzip: encoder = try GzipEncoder(level: setting.level)
        case .zstd: encoder = try ZstdEncoder(level: setting.level, size: size)
        }
    }

    /// Takes `bytes`, and gives what can be written so far.
    public mutating func add(_ bytes: ByteBuffer) throws(CompressionError) -> [ByteBuffer] {
        var bytes = bytes
        var pieces: [ByteBuffer] = []
        while bytes.readableBytes > 0 {
            let count = min(bytes.readableBytes, Self.pieceSize - pending.readableBytes)
            if var slice = bytes.readSlice(length: count) { pending.writeBuffer(&slice) }
            guard pending.readableBytes == Self.pieceSize else { break }
            pieces += try encoder.encode(pending)
            pending.clear()
        }
        return pieces
    }

    /// What is still to be written when no more bytes come.
    public mutating func finish() throws(CompressionError) -> [ByteBuffer] {
        defer { pending.clear() }
        return try encoder.encode(pending) + encoder.finish()
    }
}
