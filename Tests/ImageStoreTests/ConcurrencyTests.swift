import ImageStore
import Synchronization
import Testing

@Suite("Work for many at once")
struct ConcurrencyTests {
    @Test("A place that waits holds up none of another, and the results are in order", .timeLimit(.minutes(1)))
    func places() async throws {
        // That of the slow place waits until the others are done, though it comes first and no other may be beside it.
        let (fast, end) = AsyncStream<Void>.makeStream()
        let done = Mutex(0)
        let items = ["slow", "fast", "fast", "fast"]
        let results = try await items.enumerated().map { $0 }.concurrentMap(atMost: 1, apartBy: \.element) { item in
            if item.element == "slow" {
                for await _ in fast {}
            } else if done.withLock({
                $0 += 1
                return $0 == 3
            }) {
                end.finish()
            }
            return item.offset
        }
        #expect(results == Array(0..<4))
    }

    @Test("No more of one place are under way than may be")
    func limit() async throws {
        let now = Mutex(0)
        let most = Mutex(0)
        let results = try await Array(0..<40).concurrentMap(atMost: 3, apartBy: { $0 % 2 }) { number in
            if number.isMultiple(of: 2) {
                let count = now.withLock {
                    $0 += 1
                    return $0
                }
                most.withLock { $0 = max($0, count) }
                await Task.yield()
                now.withLock { $0 -= 1 }
            }
            return number
        }
        #expect(results == Array(0..<40) && (1...3).contains(most.withLock(\.self)))
    }
}
