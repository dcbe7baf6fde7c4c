/// Tarballs that are put together by hand.
public enum TarBlocks {
    /// An entry's blocks.
    public static func entry(
        _ name: String,
        _ data: [UInt8],
        _ type: Character = "0",
        size: Int? = nil,
        link: String = "",
        mode: Int = 0o644
    ) -> [UInt8] { entry(bytes: Array(name.utf8), data, type, size: size, link: Array(link.utf8), mode: mode) }

    /// The same, with names in bytes.
    public static func entry(
        bytes name: [UInt8],
        _ data: [UInt8],
        _ type: Character = "0",
        size: Int? = nil,
        link: [UInt8] = [],
        mode: Int = 0o644
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Collection<UInt8>, _ offset: Int) {
            block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, 0)
        put(octal(mode, 7).utf8, 100)
        put(link, 157)
        put(octal(size ?? data.count, 11).utf8, 124)
        put("\(type)".utf8, 156)
        put("ustar\u{0}00".utf8, 257)
        for position in 148..<156 { block[position] = 0x20 }
        put(octal(block.reduce(0) { $0 + Int($1) }, 6).utf8 + [0, 0x20], 148)
        return block + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
    }

    /// A tarball of these entries.
    public static func tarball(_ entries: [(name: String, data: [UInt8])]) -> [UInt8] {
        entries.flatMap { entry($0.name, $0.data) } + [UInt8](repeating: 0, count: 1024)
    }
}
