import Compression
import NIOCore
import Testing

@Suite("Whatever is compressed, it comes to something bounded or is refused")
struct CompressionFuzzTests {
    private static func compressed(_ bytes: [UInt8], _ text: String) throws -> [UInt8] {
        var compressor = try Compressor(try #require(CompressionSetting(text)), size: Int64(bytes.count))
        let parts = try compressor.add(ByteBuffer(bytes: bytes)) + compressor.finish()
        return parts.flatMap { Array($0.readableBytesView) }
    }

    private static let most: Int64 = 2 << 20

    /// What `bytes` come to, or nil where they are refused.
    private static func expand(_ bytes: [UInt8], piece: Int) -> [UInt8]? {
        guard let format = CompressionFormat(of: bytes) else { return nil }
        // However the bytes come in, the limit is the same.
        let limit = Expansion.Limit(ratio: 0, allowance: most)
        var result: [UInt8] = []
        do {
            var expansion = try Expansion(of: format, limit: limit)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                expansion.add(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)]))
                while let part = try expansion.next() {
                    result += part.readableBytesView
                    #expect(result.count <= most)
                }
            }
            try expansion.finish()
        } catch {
            #expect(!"\(error)".isEmpty)
            return nil
        }
        return result
    }

    @Test("altered members of gzip and frames of zstd")
    func altered() async throws {
        let texts = ["", "a", String(repeating: "layer ", count: 500)].map { Array($0.utf8) }
        let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7]
        var seeds = try texts.flatMap { try [Self.compressed($0, "gzip"), Self.compressed($0, "zstd")] }
        seeds += [seeds[4] + seeds[2], skippable + seeds[5] + seeds[3]]
        #expect(seeds.allSatisfy { Self.expand($0, piece: 64) != nil })
        let words = ["\u{1F}\u{8B}", "\u{28}\u{B5}\u{2F}\u{FD}", "PM*\u{18}", "\0\0\0\0"]
        var fuzzer = Fuzzer("compressed bytes", seeds: seeds, words: words)
        await fuzzer.run { bytes in
            guard bytes.count < 2000 else { return }
            let whole = Self.expand(bytes, piece: 1 << 16)
            let bytewise = Self.expand(bytes, piece: 1)
            #expect(bytewise == whole, "\(bytes)")
        }
    }
}
