import ContainerImage
import ImageStore
import NIOCore

/// Writes a package from its first byte to its last: the same bytes as ``ArchiveWriter``, to where there is no going
/// back.
///
/// Small layers are read ahead, several at once and as far as memory allows; a large one passes through when its turn
/// has come.
struct ArchiveStreamWriter: Sendable {
    private let plan: ArchivePlan
    private let source: @Sendable (Repository) -> any ImageSource
    private let limit: Int
    private let largestAhead: Int64
    private let progress: TransferProgress?

    /// The largest layer that is read ahead, in bytes.
    static let largestAhead: Int64 = 4 << 20
    /// How many bytes of layers are kept in memory.
    static let memoryLimit: Int64 = 16 << 20

    init(
        _ plan: ArchivePlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        readingAhead readsAhead: Bool = true,
        progress: TransferProgress?
    ) {
        largestAhead = readsAhead ? Self.largestAhead : -1
        self.plan = plan
        self.source = source
        self.limit = max(1, limit)
        self.progress = progress
    }

    /// Writes all of the package.
    ///
    /// - Throws: `LayerError` naming the layer, `ArchiveError` naming the output. What is written then has no end, and
    ///   every reader of tarballs sees that.
    func write(to output: inout some SequentialOutput, from start: ArchiveStart = ArchiveStart()) async throws {
        progress?.count(images: plan.imageCount, layers: plan.layerCount)
        progress?.enter(.copy, items: plan.entries.count, bytes: plan.entries.byteTotal(\.layer.size))
        for entry in plan.entries[..<start.entry] {
            progress?.begin(entry.repository.path, bytes: entry.layer.size).finish()
        }
        if !start.hasHead { try await output.write(plan.head) }
        try await withThrowingTaskGroup(of: Fetched.self) { group in
            var ahead = ReadAhead(entries: plan.entries, from: start.entry, limit: limit, upTo: largestAhead)
            for (position, entry) in plan.entries.enumerated().dropFirst(start.entry) {
                while let next = ahead.start() {
                    group.addTask { Fetched(position: next, bytes: try await bytes(of: plan.entries[next])) }
                }
                let beginning = position == start.entry ? start.beginning : nil
                if beginning == nil { try await output.write(entry.header) }
                if entry.layer.size > largestAhead {
                    try await pass(entry, after: beginning, to: &output)
                } else {
                    while !ahead.has(position), let fetched = try await group.next() { ahead.take(fetched) }
                    try await output.write(ahead.remove(position))
                }
                try await output.write([UInt8](repeating: 0, count: TarHeader.padding(after: entry.layer.size)))
            }
        }
        try await output.write(plan.end)
        try await output.flush()
    }

    private func bytes(of entry: ArchivePlan.Entry) async throws -> [UInt8] {
        let item = progress?.begin(entry.repository.path, bytes: entry.layer.size)
        let bytes = try await LayerError.naming(entry) {
            try await source(entry.repository).bytes(of: entry.layer, limit: Self.largestAhead)
        }
        item?.add(bytes.count)
        item?.finish()
        return bytes
    }

    /// Writes the bytes of a layer from those on that `beginning` has seen.
    private func pass(
        _ entry: ArchivePlan.Entry,
        after beginning: BlobVerifier?,
        to output: inout some SequentialOutput
    ) async throws {
        let item = progress?.begin(entry.repository.path, bytes: entry.layer.size)
        var verifier = beginning ?? BlobVerifier(entry.layer)
        item?.skip(verifier.count)
        let body = try await LayerError.naming(entry) {
            try await source(entry.repository).content(of: entry.layer, from: verifier.count)
        }
        var chunks = body.makeAsyncIterator()
        while let chunk = try await LayerError.naming(entry, { try await chunks.next() }) {
            try await LayerError.naming(entry) { try verifier.update(chunk) }
            item?.add(chunk.readableBytes)
            try await output.write(chunk)
        }
        try await LayerError.naming(entry) { try verifier.finish() }
        item?.finish()
    }

    private struct Fetched: Sendable {
        let position: Int
        let bytes: [UInt8]
    }

    /// Which layers are on their way, and which are there.
    private struct ReadAhead {
        let entries: [ArchivePlan.Entry]
        let limit: Int
        let largest: Int64
        private var next = 0
        private var held: Int64 = 0
        private var running = 0
        private var arrived: [Int: [UInt8]] = [:]

        init(entries: [ArchivePlan.Entry], from start: Int, limit: Int, upTo largest: Int64) {
            self.entries = entries
            self.limit = limit
            self.largest = largest
            next = start
        }

        /// The next layer to read ahead; nil when there is none, or no room for it.
        mutating func start() -> Int? {
            while next < entries.count, entries[next].layer.size > largest { next += 1 }
            guard next < entries.count, running < limit else { return nil }
            let size = entries[next].layer.size
            guard held == 0 || held + size <= ArchiveStreamWriter.memoryLimit else { return nil }
            defer { next += 1 }
            held += size
            running += 1
            return next
        }

        func has(_ position: Int) -> Bool { arrived[position] != nil }

        mutating func take(_ fetched: Fetched) {
            running -= 1
            arrived[fetched.position] = fetched.bytes
        }

        mutating func remove(_ position: Int) -> [UInt8] {
            held -= entries[position].layer.size
            return arrived.removeValue(forKey: position) ?? []
        }
    }
}
