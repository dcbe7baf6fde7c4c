/// Goes through a tarball to its very end, whatever it meets: where ``TarIndex`` stops at the first fault, this notes it
/// and goes on at the next header.
package struct TarWalk {
    /// Something that a header names.
    package struct Entry: Sendable {
        package let name: String
        package let offset: Int64
        package let size: Int64
        package let isPlainFile: Bool
    }

    package private(set) var entries: [Entry] = []
    package private(set) var faults: [PackageFault] = []

    private let file: InputFile
    private var offset: Int64 = 0
    private var extended = TarIndex.Extended()
    private static let blockSize = Int64(TarHeader.blockSize)

    /// Walks through `file`.
    ///
    /// - Throws: `ArchiveError` when the file can't be read at all.
    package init(_ file: InputFile) throws {
        self.file = file
        while offset < file.size {
            try Task.checkCancellation()
            guard file.size - offset >= Self.blockSize else {
                end("the file ends within a block, at byte \(file.size): it is truncated")
                return
            }
            let block = try file.bytes(at: offset, count: TarHeader.blockSize, entry: nil)
            guard block.contains(where: { $0 != 0 }) else {
                try readEnd()
                return
            }
            do {
                guard try readEntry(try TarHeaderBlock(block[...])) else { return }
            } catch let error as TarHeaderError {
                faults.append(
                    PackageFault(.structure, "byte \(offset)", "what should be an entry can't be read: \(error.reason)")
                )
                try skipToNextHeader()
            }
        }
        end("the file ends without the two blocks of zeros that end a tarball: it is truncated")
    }

    /// Whether there can be more after the entry.
    private mutating func readEntry(_ header: TarHeaderBlock) throws -> Bool {
        let isPlainFile = header.type == UInt8(ascii: "0") || header.type == 0
        let name = extended.name ?? header.name
        let size = isPlainFile ? extended.size ?? header.size : header.size
        let data = offset + Self.blockSize
        guard size <= file.size - data else {
            faults.append(
                PackageFault(
                    .structure,
                    name,
                    "it claims \(size) bytes where the file has \(file.size - data) left: "
                        + "the file is truncated or altered"
                )
            )
            return false
        }
        let padding = TarHeader.padding(after: size)
        switch header.type {
        case UInt8(ascii: "x"), UInt8(ascii: "L"):
            guard size <= 1 << 20 else {
                faults.append(PackageFault(.structure, name, "an extended header claims \(size) bytes"))
                break
            }
            try readExtension(header.type, try file.bytes(at: data, count: Int(size), entry: name), of: name)
        case UInt8(ascii: "g"), UInt8(ascii: "K"): break
        default:
            entries.append(Entry(name: name, offset: data, size: size, isPlainFile: isPlainFile))
            extended = TarIndex.Extended()
        }
        let rest = Int(min(Int64(padding), file.size - data - size))
        if rest > 0, try file.bytes(at: data + size, count: rest, entry: name).contains(where: { $0 != 0 }) {
            faults.append(PackageFault(.padding, name, "the padding after its bytes isn't all zeros"))
        }
        offset = data + size + Int64(padding)
        return true
    }

    private mutating func readExtension(_ type: UInt8, _ bytes: [UInt8], of name: String) throws {
        if type == UInt8(ascii: "L") {
            extended.name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            return
        }
        do {
            try extended.read(paxRecords: bytes)
        } catch {
            let failure: any Error = error
            let reason = (failure as? TarHeaderError)?.reason ?? "\(failure)"
            faults.append(PackageFault(.structure, name, reason))
        }
    }

    /// The next block that is a whole header, or the end.
    private mutating func skipToNextHeader() throws {
        let start = offset
        extended = TarIndex.Extended()
        offset += Self.blockSize
        while file.size - offset >= Self.blockSize {
            try Task.checkCancellation()
            let count = min(file.size - offset, 512 << 10) / Self.blockSize * Self.blockSize
            let bytes = try file.bytes(at: offset, count: Int(count), entry: nil)
            for position in stride(from: 0, to: bytes.count, by: TarHeader.blockSize) {
                let block = bytes[position..<(position + TarHeader.blockSize)]
                guard block.dropFirst(257).starts(with: "ustar".utf8), (try? TarHeaderBlock(block)) != nil else {
                    continue
                }
                offset += Int64(position)
                return
            }
            offset += count
        }
        offset = file.size
        faults.append(
            PackageFault(.structure, "byte \(start)", "there is no further entry from here to the file's end")
        )
    }

    /// Two blocks of zeros, and nothing but zeros after these.
    private mutating func readEnd() throws {
        let start = offset
        guard file.size - start >= 2 * Self.blockSize else {
            return end("there is one block of zeros at the end instead of two: the file is truncated")
        }
        while offset < file.size {
            try Task.checkCancellation()
            let count = Int(min(file.size - offset, 512 << 10))
            if let position = try file.bytes(at: offset, count: count, entry: nil).firstIndex(where: { $0 != 0 }) {
                let place = offset + Int64(position)
                faults.append(
                    PackageFault(.padding, "byte \(place)", "there are bytes after the end of the archive")
                )
                return
            }
            offset += Int64(count)
        }
    }

    private mutating func end(_ message: String) {
        faults.append(PackageFault(.structure, "end of file", message))
    }
}
