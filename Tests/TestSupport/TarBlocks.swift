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
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            block.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, 0)
        put(octal(mode, 7), 100)
        put(link, 157)
        put(octal(size ?? data.count, 11), 124)
        put("\(type)", 156)
        put("ustar\u{0}00", 257)
        for position in 148..<156 { block[position] = 0x20 }
        put(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
        return block + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
    }

    /// A tarball of these entries.
    public static func tarball(_ entries: [(name: String, data: [UInt8])]) -> [UInt8] {
        entries.flatMap { entry($0.name, $0.data) } + [UInt8](repeating: 0, count: 1024)
    }
}
