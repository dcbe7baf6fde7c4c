extension Collection where Self: Sendable, Element: Sendable {
    /// The results of `transform`, in the order of the elements, with at most `limit` of them under way at once.
    ///
    /// - Throws: The first error; it cancels what is under way.
    public func concurrentMap<Value: Sendable>(
        atMost limit: Int,
        _ transform: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var results = [Value?](repeating: nil, count: count)
            var elements = enumerated().makeIterator()
            func startNext() {
                guard let (position, element) = elements.next() else { return }
                group.addTask {
                    try Task.checkCancellation()
                    return (position, try await transform(element))
                }
            }
            for _ in 0..<Swift.max(1, limit) { startNext() }
            while let (position, value) = try await group.next() {
                results[position] = value
                startNext()
            }
            return results.compactMap(\.self)
        }
    }

    /// The results of `transform`, in the order of the elements, with at most `limit` of those that have one place under
    /// way at once: a place that is slow holds up none of another.
    ///
    /// - Throws: The first error; it cancels what is under way.
    public func concurrentMap<Place: Hashable & Sendable, Value: Sendable>(
        atMost limit: Int,
        apartBy place: (Element) -> Place,
        _ transform: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        let lanes = Array(Dictionary(grouping: enumerated()) { place($0.element) }.values)
        let results = try await lanes.concurrentMap(atMost: lanes.count) { lane in
            try await lane.concurrentMap(atMost: limit) {
                (position: $0.offset, value: try await transform($0.element))
            }
        }
        return results.joined().sorted { $0.position < $1.position }.map(\.value)
    }

    /// Calls `body` for each element, with at most `limit` calls under way at once.
    ///
    /// - Throws: The first error; it cancels what is under way.
    public func concurrentForEach(
        atMost limit: Int,
        _ body: @escaping @Sendable (Element) async throws -> Void
    ) async throws {
        _ = try await concurrentMap(atMost: limit) { try await body($0) }
    }
}

/// Something large enough to use the whole bandwidth alone.
public enum LargeTransfer {
    /// The smallest size of a large blob, in bytes.
    public static let threshold: Int64 = 1 << 20
    /// How many large blobs are under way at once. More of them need more memory and aren't faster.
    public static let limit = 4
}

extension Array where Element: Sendable {
    /// Calls `body` for each element, the largest first, with at most `limit` calls under way at once.
    ///
    /// Small blobs cost round trips and large ones bandwidth: of the large ones at most ``LargeTransfer/limit`` are under
    /// way at once, and the small ones go beside them.
    ///
    /// - Throws: The first error; it cancels what is under way.
    public func concurrentForEach(
        atMost limit: Int,
        sizedBy size: (Element) -> Int64,
        _ body: @escaping @Sendable (Element) async throws -> Void
    ) async throws {
        // Numbers rather than elements, of which there may be many.
        let sorted = indices.sorted { size(self[$0]) > size(self[$1]) }
        let count = sorted.prefix { size(self[$0]) >= LargeTransfer.threshold }.count
        let (large, small) = (sorted.prefix(count), sorted.dropFirst(count))
        guard limit > 1, !large.isEmpty, !small.isEmpty else {
            let width = large.isEmpty ? limit : Swift.min(limit, LargeTransfer.limit)
            return try await sorted.concurrentForEach(atMost: width) { try await body(self[$0]) }
        }
        let width = Swift.min(limit - 1, LargeTransfer.limit)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await large.concurrentForEach(atMost: width) { try await body(self[$0]) } }
            group.addTask { try await small.concurrentForEach(atMost: limit - width) { try await body(self[$0]) } }
            for try await _ in group {}
        }
    }
}
