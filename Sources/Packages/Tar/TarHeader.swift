/// The header block of a tar entry: POSIX.1-1988 ustar, with PAX records where a name or a size needs them
/// (docs/format.md, "Layout").
enum TarHeader {
    static let blockSize = 512
    /// The first size that eleven octal digits can't hold.
    static let paxSizeThreshold: Int64 = 1 << 33
    /// The longest name that has room in a header, in bytes.
    private static let nameLimit = 100

    /// All header blocks of a regular file's entry: one, or three when the name or the size needs a PAX record.
    static func blocks(name: String, size: Int64) -> [UInt8] {
        let record = paxRecords(name: name, size: size)
        guard !record.isEmpty else { return block(name: name, size: size, type: UInt8(ascii: "0")) }
        var bytes = block(name: "PaxHeaders.0/\(name)", size: Int64(record.count), type: UInt8(ascii: "x"))
        bytes += record
        bytes += [UInt8](repeating: 0, count: padding(after: Int64(record.count)))
        return bytes + block(name: name, size: size >= paxSizeThreshold ? 0 : size, type: UInt8(ascii: "0"))
    }

    /// How many bytes ``blocks(name:size:)`` come to.
    static func blocksSize(name: String, size: Int64) -> Int {
        let record = paxRecords(name: name, size: size)
        return record.isEmpty ? blockSize : 2 * blockSize + record.count + padding(after: Int64(record.count))
    }

    /// What a header block can't hold.
    private static func paxRecords(name: String, size: Int64) -> [UInt8] {
        (name.utf8.count > nameLimit ? paxRecord("path", name) : [])
            + (size >= paxSizeThreshold ? paxRecord("size", "\(size)") : [])
    }

    /// How many bytes of zeros follow `size` bytes of data.
    static func padding(after size: Int64) -> Int {
        Int((Int64(blockSize) - size % Int64(blockSize)) % Int64(blockSize))
    }

    private static func block(name: String, size: Int64, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ text: String, at offset: Int, limit: Int) {
            for (position, byte) in text.utf8.prefix(limit).enumerated() { block[offset + position] = byte }
        }
        func octal(_ value: Int64, digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0, limit: nameLimit)
        put(octal(type == UInt8(ascii: "x") ? 0 : 0o644, digits: 7), at: 100, limit: 8)
        put(octal(0, digits: 7), at: 108, limit: 8)
        put(octal(0, digits: 7), at: 116, limit: 8)
        put(octal(size, digits: 11), at: 124, limit: 12)
        put(octal(0, digits: 11), at: 136, limit: 12)
        block[156] = type
        put("ustar\u{0}00", at: 257, limit: 8)
        if type != UInt8(ascii: "x") {
            put(octal(0, digits: 7), at: 329, limit: 8)
            put(octal(0, digits: 7), at: 337, limit: 8)
        }
        for position in 148..<156 { block[position] = UInt8(ascii: " ") }
        let sum = block.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, digits: 6) + "\u{0} ", at: 148, limit: 8)
        return block
    }

    /// `length key=value\n`, where the length counts itself.
    private static func paxRecord(_ key: String, _ value: String) -> [UInt8] {
        let rest = key.utf8.count + value.utf8.count + 3
        var length = rest + "\(rest)".count
        if "\(length)".count > "\(rest)".count { length = rest + "\(length)".count }
        return Array("\(length) \(key)=\(value)\n".utf8)
    }
}
