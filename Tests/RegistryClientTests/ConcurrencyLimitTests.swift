import RegistryClient
import TestSupport
import Testing

@Suite("Work of which only so much is under way")
struct ConcurrencyLimitTests {
    @Test("only so many run at once, and who gives up waiting makes room")
    func limit() async throws {
        let limit = ConcurrencyLimit(1)
        let gate = Gate()
        let (starts, started) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await limit.run {
                started.yield()
                await gate.wait()
                return 1
            }
        }
        var iterator = starts.makeAsyncIterator()
        await iterator.next()
        let second = Task { try await limit.run { 2 } }
        let third = Task { try await limit.run { 3 } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        await gate.open()
        #expect(try await first.value == 1)
        #expect(try await third.value == 3)
    }
}
