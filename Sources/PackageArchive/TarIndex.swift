/// Finds the entries of a tarball: plain files by name, with ustar, PAX and GNU headers.
package enum TarIndex {
    /// Where a plain file's bytes are.
    package struct Entry: Sendable {
        /// The first byte.
        package let offset: Int64
        /// How many there are.
        package let size: Int64
    }

    /// What a tarball has.
    package struct Contents: Sendable {
        /// The plain files.
        package var files: [String: Entry] = [:]
        /// Symbolic and hard links: what each names, from the root of the tarball.
        package var links: [String: String] = [:]

        /// Has nothing yet.
        package init() {}
    }

    /// The plain files.
    static func entries(of file: InputFile) throws(ArchiveError) -> [String: Entry] {
        try contents(of: file).files
    }

    /// The plain files and links. Several files with one name are refused: readers don't agree on which of them counts.
    package static func contents(of file: InputFile) throws(ArchiveError) -> Contents {
        var found = Contents()
        var offset: Int64 = 0
        var extended = Extended()
        let blockSize = Int64(TarHeader.blockSize)
        while offset < file.size {
            let block = try file.bytes(at: offset, count: TarHeader.blockSize, entry: extended.name)
            guard block.contains(where: { $0 != 0 }) else { return found }
            let header: TarHeaderBlock
            do {
                header = try TarHeaderBlock(block[...])
            } catch {
                let entry = extended.name ?? error.entry
                throw .damaged(path: file.path, entry: entry, reason: "at byte \(offset), \(error.reason)")
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
            case UInt8(ascii: "K"):
                let text = try small(file, data, size, name).prefix { $0 != 0 }
                extended.linkName = String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "g"): break
            default:
                guard header.type != UInt8(ascii: "S") else {
                    throw .damaged(path: file.path, entry: name, reason: "it is a sparse file, which no package has")
                }
                if isPlainFile(header.type),
                    found.files.updateValue(Entry(offset: data, size: size), forKey: name) != nil
                {
                    throw .damaged(path: file.path, entry: name, reason: "there are two entries of this name")
                }
                if isLink(header.type), found.links[name] == nil {
                    found.links[name] = target(extended.linkName ?? header.linkName, of: name, type: header.type)
                }
                extended = Extended()
            }
            offset = data + size + Int64(TarHeader.padding(after: size))
        }
        return found
    }

    static func isPlainFile(_ type: UInt8) -> Bool { type == UInt8(ascii: "0") || type == 0 }

    private static func isLink(_ type: UInt8) -> Bool { type == UInt8(ascii: "1") || type == UInt8(ascii: "2") }

    /// The name that a link leads to: a symbolic link's is relative to the folder that the link is in.
    private static func target(_ text: String, of name: String, type: UInt8) -> String {
        guard type == UInt8(ascii: "2"), !text.hasPrefix("/") else { return text }
        var parts = name.split(separator: "/").dropLast()
        for part in text.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

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
    struct Extended {
        var name: String?
        var linkName: String?
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
                    case "linkpath": linkName = value
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
