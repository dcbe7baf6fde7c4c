import NIOCore

/// A file that is written from its first byte to its last, as its size isn't known before: nor is whether there is room.
struct FileOutput: SequentialOutput {
    private let file: OutputFile
    private var offset: Int64 = 0

    init(_ file: OutputFile) { self.file = file }

    mutating func write(_ bytes: ByteBuffer) async throws {
        try bytes.withUnsafeReadableBytes { try file.write($0, at: offset) }
        file.startWriteback(at: offset, count: Int64(bytes.readableBytes))
        offset += Int64(bytes.readableBytes)
    }

    func flush() async throws {}
}
