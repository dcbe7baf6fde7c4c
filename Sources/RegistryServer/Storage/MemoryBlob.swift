import NIOCore

/// Bytes in memory, in blocks: adding some copies only these, and there is no limit below that of the memory.
struct MemoryBlob: Sendable {
    private static let blockSize = 1 << 20
    private var blocks: [ByteBuffer] = []
    private(set) var size: Int64 = 0

    mutating func append(_ bytes: ByteBuffer) {
        var rest = bytes
        while rest.readableBytes > 0 {
            let last = blocks.count - 1
            let space = last < 0 ? 0 : Self.blockSize - blocks[last].readableBytes
            guard space > 0 else {
                // Small blobs take little; what fills one block will fill the next.
                blocks.append(ByteBufferAllocator().buffer(capacity: last < 0 ? 0 : Self.blockSize))
                continue
            }
            guard var piece = rest.readSlice(length: min(space, rest.readableBytes)) else { return }
            blocks[last].writeBuffer(&piece)
        }
        size += Int64(bytes.readableBytes)
    }

    /// At most `count` bytes from `offset` on, up to the end of a block; empty at the end.
    func read(at offset: Int64, count: Int) -> ByteBuffer {
        guard (0..<size).contains(offset) else { return ByteBuffer() }
        let position = Int(offset)
        let block = blocks[position / Self.blockSize]
        let start = position % Self.blockSize
        return block.getSlice(at: block.readerIndex + start, length: min(count, block.readableBytes - start))
            ?? ByteBuffer()
    }
}
