/// What a PAX extended header says of the next entry: POSIX.1-2001, "pax Extended Header".
package struct PaxRecords {
    /// The entry's name, in bytes as the kernel takes them.
    package private(set) var nameBytes: [UInt8]?
    /// The entry's name.
    package var name: String? { nameBytes.map { String(decoding: $0, as: UTF8.self) } }
    /// What a link names.
    package private(set) var linkNameBytes: [UInt8]?
    /// What a link names.
    var linkName: String? { linkNameBytes.map { String(decoding: $0, as: UTF8.self) } }
    /// How many bytes there are.
    package private(set) var size: Int64?
    /// Whether the entry's bytes are the pieces of a sparse file, as GNU's tar stores one.
    package private(set) var isSparse = false

    /// Creates empty records.
    package init() {}

    /// Reads the records; an empty value takes back what was said before.
    ///
    /// - Throws: `TarHeaderError` for what isn't a record, and for names and sizes that none can have.
    package init(_ bytes: [UInt8]) throws(TarHeaderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")), let length = Self.number(rest[..<space]),
                length > Int64(space - rest.startIndex + 1), length <= Int64(rest.count)
            else { throw TarHeaderError(reason: "its extended header is damaged") }
            let end = rest.startIndex + Int(length)
            guard rest[end - 1] == UInt8(ascii: "\n") else {
                throw TarHeaderError(reason: "its extended header is damaged")
            }
            try take(rest[(space + 1)..<(end - 1)])
            rest = rest[end...]
        }
    }

    private mutating func take(_ record: ArraySlice<UInt8>) throws(TarHeaderError) {
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
            throw TarHeaderError(reason: "its extended header is damaged")
        }
        let bytes = record[(equals + 1)...]
        let value = bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        let key = String(decoding: record[..<equals], as: UTF8.self)
        switch key {
        case "path", "linkpath":
            guard !bytes.contains(0) else {
                throw TarHeaderError(reason: "its extended header has a name with a NUL in it")
            }
            let value = bytes.isEmpty ? nil : Array(bytes)
            if key == "path" { nameBytes = value } else { linkNameBytes = value }
        case "size":
            guard let value else { return size = nil }
            guard let stated = Self.number(bytes) else {
                throw TarHeaderError(reason: "its extended header has the invalid size '\(value.prefix(40))'")
            }
            size = stated
        default: isSparse = isSparse || key.hasPrefix("GNU.sparse.")
        }
    }

    /// Decimal digits alone.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
