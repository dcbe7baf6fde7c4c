import ContainerImage
package import ImageStore

/// Goes through a tarball to its very end, whatever it meets: where ``TarIndex`` stops at the first fault, this notes it
/// and goes on at the next header. It looks at padding and the end as well, which readers pass over.
package struct TarWalk {
    /// Something that a header names.
    package struct Entry: Sendable {
        package let name: String
        package let offset: Int64
        package let size: Int64
        package let isPlainFile: Bool
    }

    package private(set) var entries: [Entry] = []
    package private(set) var issues: [PackageIssue] = []
    /// The files and links that can be read.
    package private(set) var contents = TarContents()

    private let file: RandomAccessFile
    private var offset: Int64 = 0
    private var parser = TarEntryParser()
    private static let blockSize = Int64(TarHeader.blockSize)

    /// Walks through `file`.
    ///
    /// - Throws: `ArchiveError` when the file can't be read at all.
    package init(_ file: RandomAccessFile) throws {
        self.file = file
        while offset < file.size {
            try Task.checkCancellation()
            guard file.size - offset >= Self.blockSize else {
                end("the file ends within a block, at byte \(file.size): it is truncated")
                return
            }
            let block = try file.bytes(at: offset, count: TarHeader.blockSize, entry: nil)
            do {
                guard let item = try parser.item(block[...], left: file.size - offset - Self.blockSize) else {
                    try readEnd()
                    return
                }
                guard try take(item) else { return }
            } catch let error as TarHeaderError {
                issues.append(
                    PackageIssue(.structure, "byte \(offset)", "the entry can't be read: \(error.reason)")
                )
                try skipToNextHeader()
            }
        }
        end("the file ends without the two blocks of zeros that end a tarball: it is truncated")
    }

    /// Whether there can be more after the entry.
    private mutating func take(_ item: TarEntryParser.Item) throws -> Bool {
        let data = offset + Self.blockSize
        if let fault = item.fault {
            issues.append(PackageIssue(fault == .duplicate ? .duplicate : .structure, item.name, "\(fault)"))
            if case .tooLong = fault { return false }
        }
        if item.isExtended {
            if item.fault == nil { try takeExtended(item, at: data) }
        } else if item.fault != .sparse {
            entries.append(Entry(name: item.name, offset: data, size: item.size, isPlainFile: item.kind == .file))
            contents.add(item, at: data)
        }
        let rest = Int(min(Int64(item.padding), file.size - data - item.size))
        if rest > 0, try file.bytes(at: data + item.size, count: rest, entry: item.name).contains(where: { $0 != 0 }) {
            issues.append(PackageIssue(.padding, item.name, "the padding after its content is not all zeros"))
        }
        offset = data + item.size + Int64(item.padding)
        return true
    }

    private mutating func takeExtended(_ item: TarEntryParser.Item, at data: Int64) throws {
        let bytes = try file.bytes(at: data, count: Int(item.size), entry: item.name)
        do {
            try parser.take(bytes, of: item)
        } catch {
            issues.append(PackageIssue(.structure, item.name, "\(error.reason)"))
        }
    }

    /// The next block that is a whole header, or the end.
    private mutating func skipToNextHeader() throws {
        let start = offset
        parser.forget()
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
        issues.append(
            PackageIssue(.structure, "byte \(start)", "there is no further entry between here and the end of the file")
        )
    }

    /// Two blocks of zeros, and nothing but zeros after these.
    private mutating func readEnd() throws {
        contents.hasEnd = true
        let start = offset
        guard file.size - start >= 2 * Self.blockSize else {
            return end("there is one block of zeros at the end instead of two: the file is truncated")
        }
        while offset < file.size {
            try Task.checkCancellation()
            let count = Int(min(file.size - offset, 512 << 10))
            if let position = try file.bytes(at: offset, count: count, entry: nil).firstIndex(where: { $0 != 0 }) {
                let place = offset + Int64(position)
                issues.append(
                    PackageIssue(.padding, "byte \(place)", "there are bytes after the end of the archive")
                )
                return
            }
            offset += Int64(count)
        }
    }

    /// Whether the file ends where an entry does, or in its padding.
    private var isWhole: Bool { offset >= file.size }

    private mutating func end(_ message: HintedText) {
        issues.append(PackageIssue(.structure, "end of file", message, isPassedOver: contents.hasEnd || isWhole))
    }
}
