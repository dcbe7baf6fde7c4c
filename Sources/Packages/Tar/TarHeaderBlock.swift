/// One header block of a tarball, read.
package struct TarHeaderBlock {
    /// The entry's name, in bytes as the kernel takes them.
    package let nameBytes: [UInt8]
    /// The entry's name.
    package var name: String { String(decoding: nameBytes, as: UTF8.self) }
    /// How many bytes it says there are.
    package let size: Int64
    /// What the entry is, by POSIX's letters.
    package let type: UInt8
    /// What a link names.
    package let linkNameBytes: [UInt8]
    /// What a link names.
    var linkName: String { String(decoding: linkNameBytes, as: UTF8.self) }
    /// Whether its owner may run it.
    package let isExecutable: Bool

    /// Reads a block that is not all zeros.
    ///
    /// - Throws: `TarHeaderError` in words.
    package init(_ block: ArraySlice<UInt8>) throws(TarHeaderError) {
        let start = block.startIndex
        func field(_ offset: Int, _ length: Int) -> ArraySlice<UInt8> {
            block[(start + offset)..<(start + offset + length)]
        }
        func text(_ offset: Int, _ length: Int) -> [UInt8] { Array(field(offset, length).prefix { $0 != 0 }) }
        guard let stated = Self.number(field(148, 8)), Self.isChecksum(stated, of: block) else {
            throw TarHeaderError(reason: "its header has a wrong checksum: this is not a tarball, or it is damaged")
        }
        guard let size = Self.number(field(124, 12)), size >= 0 else {
            throw TarHeaderError(
                reason: "its header has an invalid size",
                entry: String(decoding: text(0, 100), as: UTF8.self)
            )
        }
        self.size = size
        type = block[start + 156]
        linkNameBytes = text(157, 100)
        isExecutable = (Self.number(field(100, 8)) ?? 0) & 0o100 != 0
        let prefix = field(257, 6).starts(with: "ustar".utf8) ? text(345, 155) : []
        // GNU's headers keep other things where ustar has the name's prefix.
        let isPOSIX = block[start + 262] == 0
        nameBytes = isPOSIX && !prefix.isEmpty ? prefix + [UInt8(ascii: "/")] + text(0, 100) : text(0, 100)
    }

    /// The sum of all bytes with spaces for the checksum itself; some old programs took the bytes as signed ones.
    private static func isChecksum(_ stated: Int64, of block: ArraySlice<UInt8>) -> Bool {
        var (unsigned, signed): (Int64, Int64) = (0, 0)
        for (position, byte) in block.enumerated() {
            let counted = (148..<156).contains(position) ? UInt8(ascii: " ") : byte
            unsigned += Int64(counted)
            signed += Int64(Int8(bitPattern: counted))
        }
        return stated == unsigned || stated == signed
    }

    /// Octal digits among spaces and NULs, or GNU's base 256.
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
        var digits = field.drop { $0 == UInt8(ascii: " ") || $0 == 0 }.prefix { $0 != 0 }
        while digits.last == UInt8(ascii: " ") { digits.removeLast() }
        guard !digits.isEmpty else { return 0 }
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}

/// Why a header can't be used.
package struct TarHeaderError: Error {
    /// What is wrong with it.
    package let reason: String
    /// The entry's name, where the block is a header at all.
    package var entry: String?
}
