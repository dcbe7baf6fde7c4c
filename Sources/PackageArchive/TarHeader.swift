/// The header block of a tar entry: POSIX.1-1988 ustar, with PAX records where a name or a size needs them (FORMAT
/// "Layout").
enum TarHeader {
    static let blockSize = 512
    /// The first size that eleven octal digits can't hold.
    static let paxSizeThreshold: Int64 = 1 << 33
    /// The longest name that has room in a header, in bytes.
    private static let nameLimit = 100

    /// All header blocks of a plain file's entry: one, or three when the name or the size needs a PAX record.
    static func blocks(name: String, size: Int64) -> [UInt8] {
        let isLong = name.utf8.count > nameLimit
        let isLarge = size >= paxSizeThreshold
        guard isLong || isLarge else { return block(name: name, size: size, type: UInt8(ascii: "0")) }
        let record = (isLong ? paxRecord("path", name) : []) + (isLarge ? paxRecord("size", "\(size)") : [])
        var bytes = block(name: "PaxHeaders.0/\(name)", size: Int64(record.count), type: UInt8(ascii: "x"))
        bytes += record
        bytes += [UInt8](repeating: 0, count: padding(after: Int64(record.count)))
        return bytes + block(name: name, size: isLarge ? 0 : size, type: UInt8(ascii: "0"))
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

/// One header block, read.
struct TarHeaderBlock {
    let name: String
    let size: Int64
    let type: UInt8
    /// What a link names.
    let linkName: String

    /// Reads a block that is not all zeros.
    ///
    /// - Throws: `TarHeaderError` in words.
    init(_ block: ArraySlice<UInt8>) throws(TarHeaderError) {
        let start = block.startIndex
        func field(_ offset: Int, _ length: Int) -> ArraySlice<UInt8> {
            block[(start + offset)..<(start + offset + length)]
        }
        func text(_ offset: Int, _ length: Int) -> String {
            String(decoding: field(offset, length).prefix { $0 != 0 }, as: UTF8.self)
        }
        let sum = block.enumerated().reduce(Int64(0)) { total, byte in
            total + ((148..<156).contains(byte.offset) ? 32 : Int64(byte.element))
        }
        guard let stated = Self.number(field(148, 8)), stated == sum else {
            throw TarHeaderError(reason: "its header's checksum is wrong: this is no tarball, or it is damaged")
        }
        guard let size = Self.number(field(124, 12)), size >= 0 else {
            throw TarHeaderError(reason: "its header states no usable size", entry: text(0, 100))
        }
        self.size = size
        type = block[start + 156]
        linkName = text(157, 100)
        let prefix = text(257, 6).hasPrefix("ustar") ? text(345, 155) : ""
        // GNU's headers keep other things where ustar has the name's prefix.
        let isPOSIX = block[start + 262] == 0
        name = isPOSIX && !prefix.isEmpty ? prefix + "/" + text(0, 100) : text(0, 100)
    }

    /// Octal digits, or GNU's base 256.
    static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            guard first == 0x80 else { return nil }
            var value: Int64 = 0
            for byte in field.dropFirst() {
                let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
                guard !overflow else { return nil }
                value = shifted | Int64(byte)
            }
            return value
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty else { return 0 }
        return Int64(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}

/// Why a header block can't be used.
struct TarHeaderError: Error {
    let reason: String
    /// The entry's name, where the block is a header at all.
    var entry: String?
}
