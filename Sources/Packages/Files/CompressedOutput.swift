import Compression
import NIOCore

/// An output that gets compressed what is written.
struct CompressedOutput<Base: SequentialOutput>: SequentialOutput {
    private var base: Base
    private var compressor: Compressor

    /// - Parameter size: How many bytes will be written.
    init(_ base: Base, _ setting: CompressionSetting, size: Int64) throws(CompressionError) {
        self.base = base
        compressor = try Compressor(setting, size: size)
    }

    mutating func write(_ bytes: ByteBuffer) async throws {
        for piece in try compressor.add(bytes) { try await base.write(piece) }
    }

    /// Ends what is compressed.
    mutating func flush() async throws {
        for piece in try compressor.finish() { try await base.write(piece) }
        try await base.flush()
    }
}
