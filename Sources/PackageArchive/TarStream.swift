import NIOCore

/// Reads a tarball from its first byte to its last.
actor TarStream {
    /// A plain file.
    struct Entry: Sendable {
        let name: String
        let size: Int64
        /// Which of the tarball's plain files it is.
        let number: Int
    }

    nonisolated let name: String
    private let input: StreamInput
    private var buffer = ByteBuffer()
    private var position: Int64 = 0
    private var number = 0
    /// What is left of the entry that is being read.
    private var rest: Int64 = 0
    private var padding = 0
    private var isOver = false

    init(_ input: StreamInput) {
        self.input = input
        name = input.name
    }

    /// The next plain file; nil at the end, when the stream has been read to its last byte.
    ///
    /// - Throws: `ArchiveError.damaged` when the stream ends within an entry or isn't a tarball.
    func next() async throws -> Entry? {
        guard !isOver else { return nil }
        try await skip(rest, of: nil)
        try await skip(Int64(padding), of: nil)
        rest = 0
        padding = 0
        var extended = TarIndex.Extended()
        while true {
            guard let block = try await headerBlock(extended.name) else { return nil }
            let header: TarHeaderBlock
            do {
                header = try TarHeaderBlock(block[...])
            } catch {
                throw damaged(extended.name, "at byte \(position - Int64(block.count)), \(error.reason)")
            }
            let name = extended.name ?? header.name
            let isPlainFile = TarIndex.isPlainFile(header.type)
            let size = isPlainFile ? extended.size ?? header.size : header.size
            switch header.type {
            case UInt8(ascii: "x"):
                let records = try await small(size, name)
                do {
                    try extended.read(paxRecords: records)
                } catch {
                    throw damaged(name, error.reason)
                }
            case UInt8(ascii: "L"):
                extended.name = String(decoding: try await small(size, name).prefix { $0 != 0 }, as: UTF8.self)
            case UInt8(ascii: "g"), UInt8(ascii: "K"):
                _ = try await small(size, name)
            default:
                guard header.type != UInt8(ascii: "S") else {
                    throw damaged(name, "it is a sparse file, which no package has")
                }
                if isPlainFile {
                    rest = size
                    padding = TarHeader.padding(after: size)
                    number += 1
                    return Entry(name: name, size: size, number: number)
                }
                try await skip(size, of: name)
                try await skip(Int64(TarHeader.padding(after: size)), of: name)
                extended = TarIndex.Extended()
            }
        }
    }

    /// The next bytes of `entry`; nil at its end, and when the stream has gone on to another.
    func chunk(of entry: Entry) async throws -> ByteBuffer? {
        guard entry.number == number, rest > 0 else { return nil }
        if buffer.readableBytes == 0 { try await fill(for: entry.name) }
        let count = Int(min(rest, Int64(buffer.readableBytes)))
        rest -= Int64(count)
        position += Int64(count)
        return buffer.readSlice(length: count)
    }

    /// All bytes of a small entry.
    func bytes(of entry: Entry, limit: Int64) async throws -> [UInt8] {
        guard entry.size <= limit else { throw damaged(entry.name, "it claims \(entry.size) bytes") }
        var bytes: [UInt8] = []
        while let chunk = try await chunk(of: entry) { bytes.append(contentsOf: chunk.readableBytesView) }
        return bytes
    }

    /// A header; nil at the end of the tarball.
    private func headerBlock(_ entry: String?) async throws -> [UInt8]? {
        while buffer.readableBytes < TarHeader.blockSize {
            var more = try await input.read()
            if more.readableBytes == 0 {
                guard buffer.readableBytes == 0 else { throw truncated(entry) }
                isOver = true
                return nil
            }
            buffer.writeBuffer(&more)
        }
        guard let block = buffer.readBytes(length: TarHeader.blockSize) else { return nil }
        position += Int64(block.count)
        if block.contains(where: { $0 != 0 }) { return block }
        // Whoever writes would fail if the padding at the end found no reader.
        while try await input.read().readableBytes > 0 {}
        isOver = true
        return nil
    }

    private func small(_ size: Int64, _ name: String) async throws -> [UInt8] {
        guard size <= 1 << 20 else { throw damaged(name, "an extended header claims \(size) bytes") }
        while buffer.readableBytes < Int(size) {
            var more = try await input.read()
            guard more.readableBytes > 0 else { throw truncated(name) }
            buffer.writeBuffer(&more)
        }
        let bytes = buffer.readBytes(length: Int(size)) ?? []
        position += size
        try await skip(Int64(TarHeader.padding(after: size)), of: name)
        return bytes
    }

    private func skip(_ count: Int64, of entry: String?) async throws {
        var left = count
        while left > 0 {
            if buffer.readableBytes == 0 { try await fill(for: entry) }
            let step = Int(min(left, Int64(buffer.readableBytes)))
            buffer.moveReaderIndex(forwardBy: step)
            position += Int64(step)
            left -= Int64(step)
        }
    }

    private func fill(for entry: String?) async throws {
        buffer = try await input.read()
        guard buffer.readableBytes > 0 else { throw truncated(entry) }
    }

    private func truncated(_ entry: String?) -> ArchiveError {
        damaged(entry, "the stream ended too early, at byte \(position + Int64(buffer.readableBytes))")
    }

    private func damaged(_ entry: String?, _ reason: String) -> ArchiveError {
        .damaged(path: name, entry: entry, reason: reason)
    }
}
