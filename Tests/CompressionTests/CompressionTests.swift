import Compression
import NIOCore
import Testing

@Suite("Compressed bytes, made and read piece by piece")
struct CompressionTests {
    static let settings = ["gzip", "gzip:1", "gzip:9", "zstd", "zstd:1", "zstd:19"]

    @Test("what was compressed comes to the same bytes", arguments: settings, [0, 1, 100_000, 600_001])
    func roundTrip(setting: String, count: Int) throws {
        let bytes = someBytes(count)
        let small = try compressed(bytes, setting)
        #expect(try expanded(small) == bytes)
        #expect(try expanded(small, piece: 1 << 20) == bytes)
        if count > 1000 { #expect(small.count < bytes.count + 100) }
        if count < 1000 { #expect(try expanded(small, piece: 1) == bytes) }
    }

    @Test("the same bytes give the same, whatever the pieces they come in", arguments: settings)
    func reproducible(setting: String) throws {
        let bytes = someBytes(700_000)
        let one = try compressed(bytes, setting, piece: 700_000)
        #expect(try compressed(bytes, setting, piece: 4093) == one)
        #expect(try compressed(bytes, setting, piece: 262_144) == one)
    }

    @Test("gzip has no name and no time in it, and says nothing of the system")
    func header() throws {
        #expect(try compressed([1], "gzip").prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
    }

    @Test("zstd's frame says how many bytes there are, if they are known, and has a checksum")
    func frame() throws {
        let bytes = someBytes(1000)
        let known = try compressed(bytes, "zstd")
        #expect(Expansion.announcedCount(of: .zstd, Array(known.prefix(18))) == 1000)
        #expect(known[4] & 0x04 == 0x04)
        let unknown = try compressed(someBytes(600_000), "zstd", announced: false)
        #expect(Expansion.announcedCount(of: .zstd, Array(unknown.prefix(18))) == nil)
        #expect(Expansion.announcedCount(of: .gzip, Array(known.prefix(18))) == nil)
    }

    @Test("several members or frames are one content", arguments: ["gzip", "zstd"])
    func concatenated(setting: String) throws {
        let (one, other) = (someBytes(5000), someBytes(70_000))
        let both = try compressed(one, setting) + compressed([], setting) + compressed(other, setting)
        #expect(try expanded(both) == one + other)
        #expect(try expanded(both, piece: 7) == one + other)
    }

    @Test("frames of zstd that have no content are passed over, and tell the format")
    func skippable() throws {
        let skippable: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let bytes = someBytes(1000)
        let all = try skippable + compressed(bytes, "zstd") + skippable + compressed(bytes, "zstd") + skippable
        #expect(try expanded(all) == bytes + bytes)
        #expect(try expanded(all, piece: 1) == bytes + bytes)
    }

    @Test("what ends too early is truncated, wherever it does", arguments: ["gzip", "zstd"])
    func truncated(setting: String) throws {
        let whole = try compressed(someBytes(2000), setting)
        let format = try #require(CompressionFormat(of: whole))
        for count in CompressionFormat.prefixSize..<whole.count {
            #expect(throws: CompressionError.truncated(format)) { try expanded(Array(whole.prefix(count))) }
        }
    }

    @Test("an altered checksum is found", arguments: ["gzip", "zstd"])
    func altered(setting: String) throws {
        var whole = try compressed(someBytes(2000), setting)
        // gzip's is before the length.
        whole[whole.count - (setting == "gzip" ? 5 : 1)] ^= 1
        let error = #expect(throws: CompressionError.self) { try expanded(whole) }
        #expect(error?.description.contains("\(setting) data is damaged (") == true)
    }

    @Test("what an odd frame of zstd is worth doesn't depend on the pieces it comes in", arguments: [1, 3, 1000])
    func odd(piece: Int) throws {
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        // Five bytes announced, and a last block with none of them.
        let short = magic + [0x20, 5, 1, 0, 0]
        #expect(throws: CompressionError.damaged(.zstd, "a frame of 5 bytes came to 0")) {
            try expanded(short, piece: piece)
        }
        // Nothing announced, and a last block that is called compressed and has nothing; the checksum is right.
        let empty = magic + [0x24, 0, 5, 0, 0, 153, 233, 216, 81]
        #expect(try expanded(empty, piece: piece) == [])
        #expect(throws: CompressionError.trailingBytes(.zstd)) {
            try expanded(empty + Array("(junk".utf8), piece: piece)
        }
    }

    @Test("what follows the end is refused; gzip may have zeros there")
    func trailing() throws {
        let (gzip, zstd) = (try compressed([1, 2, 3], "gzip"), try compressed([1, 2, 3], "zstd"))
        for piece in [1, 1000] {
            #expect(throws: CompressionError.trailingBytes(.gzip)) { try expanded(gzip + [1], piece: piece) }
            #expect(throws: CompressionError.trailingBytes(.gzip)) { try expanded(gzip + [0, 0, 1], piece: piece) }
            #expect(try expanded(gzip + [0, 0, 0], piece: piece) == [1, 2, 3])
            #expect(try expanded(gzip + [1], piece: piece, refusesTrailingBytes: false) == [1, 2, 3])
        }
        #expect(throws: CompressionError.trailingBytes(.zstd)) { try expanded(zstd + Array("junk".utf8)) }
    }

    @Test("a frame that needs too large a window is refused before there is memory for it")
    func window() {
        // A frame without a size whose window has 2^31 bytes.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 21 << 3, 0, 0, 0]
        #expect(throws: CompressionError.largeWindow(limit: 128 << 20)) { try expanded(frame) }
    }

    @Test("what expands too far is refused on the way", arguments: ["gzip", "zstd"])
    func bomb(setting: String) throws {
        let bomb = try compressed([UInt8](repeating: 0, count: 4 << 20), setting)
        let limit = Expansion.Limit(ratio: 10, allowance: 1000)
        let error = #expect(throws: CompressionError.self) { try expanded(bomb, limit: limit) }
        guard case .expandingEarly(let count, 10, let bytes) = error else { return #expect(error == nil) }
        #expect("\(error, default: "")".hasPrefix("its first \(count) bytes come to more than \(bytes), over 10 times"))
        #expect(bytes <= Int64(bomb.count) * 10 + 1000)
        #expect(try expanded(bomb)?.count == 4 << 20)
        #expect(try expanded(bomb, limit: nil)?.count == 4 << 20)
    }

    @Test("a limit of very many bytes is one")
    func limits() {
        #expect(Expansion.Limit.archive.bytes(from: 1000) == 200_000 + (16 << 20))
        #expect(Expansion.Limit.archive.bytes(from: .max) == .max)
        #expect(Expansion.Limit.archive.bytes(from: -1) == 16 << 20)
    }

    @Test(
        "a setting is a format, with a level or the program's own",
        arguments: [("gzip", "gzip:6"), ("zstd", "zstd:3"), ("gzip:9", "gzip:9"), ("zstd:19", "zstd:19")]
    )
    func setting(text: String, full: String) throws {
        #expect(try #require(CompressionSetting(text)).description == full)
    }

    @Test(
        "other settings are none",
        arguments: ["", "xz", "gzip:", "gzip:0", "gzip:10", "zstd:20", "zstd:-1", "zstd:3x", "GZIP", "zstd:3:4"]
    )
    func noSetting(text: String) { #expect(CompressionSetting(text) == nil) }

    @Test("what else there is isn't compressed by either program")
    func others() {
        for bytes in [[], [0x1F], Array("ustar".utf8), [0xFD, 0x37, 0x7A, 0x58], [0x60, 0x2A, 0x4D, 0x18]] as [[UInt8]]
        {
            #expect(CompressionFormat(of: bytes) == nil)
        }
    }
}
