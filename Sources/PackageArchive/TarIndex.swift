/// Finds the entries of a tarball: plain files by name, with ustar, PAX and GNU headers.
enum TarIndex {
    struct Entry: Sendable {
        let offset: Int64
        let size: Int64
    }

    /// The plain files. Several with one name are refused: readers don't agree on which of them counts.
    static func entries(of file: InputFile) throws(ArchiveError) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        var offset: Int64 = 0
        var extended = Extended()
        let blockSize = Int64(TarHeader.blockSize)
        while offset < file.size {
            let block = try file.bytes(at: offset, count: TarHeader.blockSize, entry: extended.name)
            guard block.contains(where: { $0 != 0 }) else { return entries }
            let header: TarHeaderBlock
            do {
                header = try TarHeaderBlock(block[...])
            } catch {
                throw .damaged(path: file.path, entry: extended.name, reason: "at byte \(offset), \(error.reason)")
            }
            let name = extended.name ?? header.name
            let size = isPlainFile(header.type) ? extended.size ?? header.size : header.size
            let data = offset + blockSize
            guard size <= file.size - data else {
                throw .damaged(
                    path: file.path,
                    entry: name,
                    reason: "it claims \(size) bytes, more than are left in the file: the file is truncated or altered"
                )
            }
            switch header.type {
            case UInt8(ascii: "x"):
                let records = try small(file, data, size, name)
                do {
                    try extended.read(paxRecords: records)
                } catch {
                    throw .damaged(path: file.path, entry: name, reason: error.reason)
                }
            case UInt8(ascii: "L"):
                let text = try small(file, data, size, name).prefix { $0 != 0 }
                extended.name = String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "g"), UInt8(ascii: "K"): break
            default:
                guard header.type != UInt8(ascii: "S") else {
                    throw .damaged(path: file.path, entry: name, reason: "it is a sparse file, which no package has")
                }
                if isPlainFile(header.type),
                    entries.updateValue(Entry(offset: data, size: size), forKey: name) != nil
                {
                    throw .damaged(path: file.path, entry: name, reason: "there are two entries of this name")
                }
                extended = Extended()
            }
            offset = data + size + Int64(TarHeader.padding(after: size))
        }
        return entries
    }

    private static func isPlainFile(_ type: UInt8) -> Bool { type == UInt8(ascii: "0") || type == 0 }

    private static func small(
        _ file: InputFile,
        _ offset: Int64,
        _ size: Int64,
        _ name: String
    ) throws(ArchiveError) -> [UInt8] {
        guard size <= 1 << 20 else {
            throw .damaged(path: file.path, entry: name, reason: "an extended header claims \(size) bytes")
        }
        return try file.bytes(at: offset, count: Int(size), entry: name)
    }

    /// What extended headers say of the next entry.
    private struct Extended {
        var name: String?
        var size: Int64?

        mutating func read(paxRecords bytes: [UInt8]) throws(TarHeaderError) {
            var rest = bytes[...]
            while let space = rest.firstIndex(of: UInt8(ascii: " ")) {
                guard let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
                    length > space - rest.startIndex + 1, length <= rest.count
                else { throw TarHeaderError(reason: "its extended header is damaged") }
                let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
                if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
                    let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
                    switch String(decoding: record[..<equals], as: UTF8.self) {
                    case "path":
                        guard !value.utf8.contains(0) else {
                            throw TarHeaderError(reason: "its extended header gives a name with a NUL in it")
                        }
                        name = value
                    case "size":
                        guard let stated = Int64(value), stated >= 0 else {
                            throw TarHeaderError(reason: "its extended header gives the size '\(value.prefix(40))'")
                        }
                        size = stated
                    default: break
                    }
                }
                rest = rest[(rest.startIndex + length)...]
            }
        }
    }
}
