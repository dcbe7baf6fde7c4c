import Compression
import NIOCore

/// Bytes that compress somewhat, the same ones every time.
func someBytes(_ count: Int) -> [UInt8] {
    var state: UInt64 = 42
    return (0..<count).map { position in
        guard position % 3 == 0 else { return UInt8(truncatingIfNeeded: position >> 6) }
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

/// Compresses `bytes` in pieces of `piece` bytes.
func compressed(
    _ bytes: [UInt8],
    _ setting: String,
    piece: Int = 100_000,
    announced: Bool = true
) throws -> [UInt8] {
    guard let setting = CompressionSetting(setting) else { throw CompressionError.outOfMemory }
    var compressor = try Compressor(setting, size: announced ? Int64(bytes.count) : nil)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
        for part in try compressor.add(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)])) {
            result += part.readableBytesView
        }
    }
    for part in try compressor.finish() { result += part.readableBytesView }
    return result
}

/// What `bytes` come to, given in pieces of `piece` bytes.
func expanded(
    _ bytes: [UInt8],
    piece: Int = 100_000,
    limit: Expansion.Limit? = .archive,
    refusesTrailingBytes: Bool = true
) throws -> [UInt8]? {
    guard let format = CompressionFormat(of: bytes) else { return nil }
    var expansion = try Expansion(of: format, limit: limit, refusesTrailingBytes: refusesTrailingBytes)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
        expansion.add(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)]))
        while let part = try expansion.next() { result += part.readableBytesView }
    }
    try expansion.finish()
    return result
}
