extension Collection where Self: Sendable, Element: Sendable {
    /// The results of `transform`, in the order of the elements, with at most `limit` of them under way at once.
    ///
    /// The first error cancels what is under way and is thrown.
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

    /// Calls `body` for each element, with at most `limit` calls under way at once.
    ///
    /// The first error cancels what is under way and is thrown.
    public func concurrentForEach(
        atMost limit: Int,
        _ body: @escaping @Sendable (Element) async throws -> Void
    ) async throws {
        _ = try await concurrentMap(atMost: limit) { try await body($0) }
    }
}
