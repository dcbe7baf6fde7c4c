import ContainerImage
import NIOCore

/// Reads a tarball from its first byte to its last, decompressed if it is compressed. The first entry that isn't as it
/// should be is refused.
actor TarStream {
    /// A regular file.
    struct Entry: Sendable {
        let name: String
        let size: Int64
        /// Which of the tarball's regular files it is.
        let number: Int
    }

    nonisolated let name: String
    private let input: ExpandedStream
    private var parser = TarEntryParser()
    private var buffer = ByteBuffer()
    private var position: Int64 = 0
    private var number = 0
    /// What is left of the entry that is being read.
    private var rest: Int64 = 0
    private var padding = 0
    private var isOver = false

    init(_ input: ExpandedStream) {
        self.input = input
        name = input.name
    }

    /// The next regular file; nil at the end, when the stream has been read to its last byte.
    ///
    /// - Throws: `ArchiveError.damaged` when the stream ends within an entry or isn't a tarball.
    func next() async throws -> Entry? {
        guard !isOver else { return nil }
        try await skip(rest, of: nil)
        try await skipPadding(padding)
        rest = 0
        padding = 0
        while let item = try await item() {
            if let fault = item.fault { throw damaged(item.name, "\(fault)") }
            if item.kind == .file {
                rest = item.size
                padding = item.padding
                number += 1
                return Entry(name: item.name, size: item.size, number: number)
            }
            if item.isExtended {
                try await take(item)
            } else {
                try await skip(item.size, of: item.name)
            }
            try await skipPadding(item.padding)
        }
        return nil
    }

    /// What the next header begins; nil at the end of the tarball.
    private func item() async throws -> TarEntryParser.Item? {
        guard let block = try await headerBlock(parser.pendingName) else { return nil }
        do {
            if let item = try parser.item(block[...], left: nil) { return item }
        } catch {
            let start = position - Int64(block.count)
            if start == 0 { try refuseOthers(block[...]) }
            throw damaged(error.entry, "at byte \(start), \(error.reason)")
        }
        isOver = true
        // Whoever writes would fail if the padding at the end found no reader. What holds nothing is refused, however
        // long it goes on.
        if number > 0 {
            while try await read().readableBytes > 0 {}
        }
        return nil
    }

    private func take(_ item: TarEntryParser.Item) async throws {
        let size = Int(item.size)
        while buffer.readableBytes < size {
            var more = try await read()
            guard more.readableBytes > 0 else { throw truncated(item.name) }
            buffer.writeBuffer(&more)
        }
        position += item.size
        do {
            try parser.take(buffer.readBytes(length: size) ?? [], of: item)
        } catch {
            throw damaged(error.entry, error.reason)
        }
    }

    /// The next bytes of `entry`; nil at its end, and when the stream has gone on to another.
    func chunk(of entry: Entry) async throws -> ByteBuffer? {
        guard entry.number == number, rest > 0 else { return nil }
        if buffer.readableBytes == 0 {
            guard try await fill() else { throw truncated(entry.name) }
        }
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

    /// The next block; nil if the stream ends.
    private func headerBlock(_ entry: String?) async throws -> [UInt8]? {
        while buffer.readableBytes < TarHeader.blockSize {
            var more = try await read()
            if more.readableBytes == 0 {
                if position == 0 { try refuseOthers(buffer.readableBytesView) }
                guard buffer.readableBytes == 0 else { throw truncated(entry) }
                isOver = true
                return nil
            }
            buffer.writeBuffer(&more)
        }
        position += Int64(TarHeader.blockSize)
        return buffer.readBytes(length: TarHeader.blockSize)
    }

    /// Tells what else than a tarball begins so, where that can be told.
    private func refuseOthers(_ start: some Collection<UInt8>) throws {
        if start.isEmpty { throw ArchiveError.empty(path: name) }
        if let program = AnyPackage.unreadableCompression(Array(start.prefix(6))) {
            throw damaged(nil, "it is compressed; decompress it first, with \(program) -dc")
        }
        if PackagePath.looksLikeText(start) { throw UnknownPackageError(path: name, reason: .file) }
    }

    private func skip(_ count: Int64, of entry: String?) async throws {
        guard try await pass(count) == 0 else { throw truncated(entry) }
    }

    /// A tarball may end without the padding of its last entry.
    private func skipPadding(_ count: Int) async throws { _ = try await pass(Int64(count)) }

    /// Passes over bytes; gives how many of them there aren't.
    private func pass(_ count: Int64) async throws -> Int64 {
        var left = count
        while left > 0 {
            if buffer.readableBytes == 0 {
                guard try await fill() else { break }
            }
            let step = Int(min(left, Int64(buffer.readableBytes)))
            buffer.moveReaderIndex(forwardBy: step)
            position += Int64(step)
            left -= Int64(step)
        }
        return left
    }

    /// Whether there is more.
    private func fill() async throws -> Bool {
        buffer = try await read()
        return buffer.readableBytes > 0
    }

    private func read() async throws -> ByteBuffer { try await input.read() }

    private func truncated(_ entry: String?) -> ArchiveError {
        damaged(entry, "the stream ended too early, at byte \(position + Int64(buffer.readableBytes))")
    }

    private func damaged(_ entry: String?, _ reason: String) -> ArchiveError {
        .damaged(path: name, entry: entry, reason: HintedText(reason))
    }
}
