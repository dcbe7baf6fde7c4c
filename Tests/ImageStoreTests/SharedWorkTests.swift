import ImageStore
import TestSupport
import Testing

/// 1, 2, 3 and so on.
private actor Counter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}

@Suite("Work that several callers wait for")
struct SharedWorkTests {
    private struct Failure: Error {}

    @Test("a caller that is cancelled takes nothing from the others")
    func cancelledCaller() async throws {
        let shared = SharedWork<String, Int>()
        let gate = Gate()
        let runs = Counter()
        let callers = (0..<3).map { _ in
            Task {
                try await shared.value(for: "a") {
                    await gate.wait()
                    try Task.checkCancellation()
                    return await runs.next()
                }
            }
        }
        while await shared.waiting(for: "a") < 3 { await Task.yield() }
        callers[0].cancel()
        await #expect(throws: CancellationError.self) { try await callers[0].value }
        await gate.open()
        #expect(try await callers[1].value == 1)
        #expect(try await callers[2].value == 1)
    }

    @Test("what nobody waits for any more is cancelled")
    func abandoned() async throws {
        let shared = SharedWork<String, Int>()
        let (ends, ended) = AsyncStream.makeStream(of: Bool.self)
        let caller = Task {
            try await shared.value(for: "a") {
                do {
                    while true { try await Task.sleep(for: .seconds(60)) }
                } catch {
                    ended.yield(error is CancellationError)
                    throw error
                }
            }
        }
        while await shared.waiting(for: "a") < 1 { await Task.yield() }
        caller.cancel()
        var iterator = ends.makeAsyncIterator()
        #expect(await iterator.next() == true)
        await #expect(throws: CancellationError.self) { try await caller.value }
    }

    @Test("a failure goes to all who waited, and isn't kept")
    func failure() async throws {
        let shared = SharedWork<String, Int>()
        let gate = Gate()
        let callers = (0..<2).map { _ in
            Task {
                try await shared.value(for: "a") {
                    await gate.wait()
                    throw Failure()
                }
            }
        }
        while await shared.waiting(for: "a") < 2 { await Task.yield() }
        await gate.open()
        for caller in callers { await #expect(throws: Failure.self) { try await caller.value } }
        #expect(try await shared.value(for: "a") { 5 } == 5)
    }
}
