import NIOCore

/// Where a package goes from its first byte to its last.
protocol SequentialOutput {
    /// Writes `bytes`, or keeps them until there is enough to write.
    mutating func write(_ bytes: ByteBuffer) async throws
    /// Writes what was kept.
    mutating func flush() async throws
}

extension SequentialOutput {
    /// Writes `bytes`, or keeps them until there is enough to write.
    mutating func write(_ bytes: [UInt8]) async throws { try await write(ByteBuffer(bytes: bytes)) }
}
