import RegistryClient
import Testing

@Suite("Requests a second, and pauses that a registry asks for")
struct RequestLimitTests {
    private let clock = VirtualClock()

    private var seconds: Double { clock.now.sinceStart / .seconds(1) }

    @Test("the first goes at once, each other one an interval after the one before")
    func rate() async throws {
        let limit = RequestLimit(requestsPerSecond: 4, clock: clock)
        limit.leave(try await limit.enter())
        #expect(seconds == 0)
        for _ in 0..<40 { limit.leave(try await limit.enter()) }
        #expect(seconds == 10)
    }

    @Test("all who send share the requests", .timeLimit(.minutes(1)))
    func sharing() async throws {
        let limit = RequestLimit(requestsPerSecond: 10, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10 { limit.leave(try await limit.enter()) } }
            }
            try await group.waitForAll()
        }
        #expect(seconds >= 7.9)
    }

    @Test("less than one a second may be asked for; idle time gives no credit")
    func slowness() async throws {
        let limit = RequestLimit(requestsPerSecond: 0.5, clock: clock)
        limit.leave(try await limit.enter())
        try await clock.sleep(until: .init(sinceStart: .seconds(100)), tolerance: nil)
        for _ in 0..<3 { limit.leave(try await limit.enter()) }
        #expect(seconds == 104)
    }

    @Test("what is sent as a part of a request counts")
    func furtherRequests() async throws {
        let limit = RequestLimit(requestsPerSecond: 1, clock: clock)
        for _ in 0..<5 {
            let admission = try await limit.enter()
            limit.countFurtherRequest()
            limit.leave(admission)
        }
        #expect(seconds == 8)
    }

    @Test("a Retry-After holds up all who send to the registry, and nobody else")
    func pause() async throws {
        let (limit, other) = (RequestLimit(clock: clock), RequestLimit(clock: clock))
        let (first, second) = (try await limit.enter(), try await limit.enter())
        _ = limit.leave(first, status: 429, retryAfterSeconds: 30, longestWaitSeconds: 120)
        limit.leave(second)
        other.leave(try await other.enter())
        #expect(seconds == 0)
        limit.leave(try await limit.enter())
        #expect((30...30.1).contains(seconds))
    }

    @Test("after a pause the rate is kept, too")
    func pauseAndRate() async throws {
        let limit = RequestLimit(requestsPerSecond: 2, clock: clock)
        let first = try await limit.enter()
        _ = limit.leave(first, status: 503, retryAfterSeconds: 10, longestWaitSeconds: 120)
        for _ in 0..<5 { limit.leave(try await limit.enter()) }
        #expect((12...12.2).contains(seconds))
    }

    @Test("a longer wait than is borne is no pause")
    func endlessPause() async throws {
        let limit = RequestLimit(clock: clock)
        let first = try await limit.enter()
        _ = limit.leave(first, status: 429, retryAfterSeconds: .max, longestWaitSeconds: 120)
        limit.leave(try await limit.enter())
        #expect(seconds == 0)
    }

    @Test(
        "a registry that isn't waited for gets nothing in its pause, and each request once after it, until it answers"
    )
    func givingUp() async throws {
        struct Refusal: Error {}
        let limit = RequestLimit(clock: clock)
        let answers = limit.answers
        limit.giveUp(after: Refusal(), retryAfterSeconds: 60, since: answers)
        await #expect(throws: Refusal.self) { try await limit.enter() }
        #expect(seconds == 0 && limit.isGivingUp())
        try await clock.sleep(until: .init(sinceStart: .seconds(61)), tolerance: nil)
        let next = try await limit.enter()
        #expect(limit.isGivingUp())
        limit.leave(next)
        #expect(!limit.isGivingUp())
        // Another request was answered since.
        limit.giveUp(after: Refusal(), retryAfterSeconds: .max, since: answers)
        #expect(!limit.isGivingUp())
        // No answer at all is none.
        limit.giveUp(after: Refusal(), retryAfterSeconds: nil, since: limit.answers)
        limit.leave(try await limit.enter(), answered: false)
        #expect(limit.isGivingUp())
    }

    @Test("what is so of HEADs alone keeps no other request from being sent")
    func givingUpHeads() async throws {
        struct Refusal: Error {}
        let limit = RequestLimit(clock: clock)
        limit.giveUp(after: Refusal(), retryAfterSeconds: 60, since: limit.answers, head: true)
        await #expect(throws: Refusal.self) { try await limit.enter(head: true) }
        limit.leave(try await limit.enter())
        #expect(limit.isGivingUp(head: true) && !limit.isGivingUp())
        limit.giveUp(after: Refusal(), retryAfterSeconds: 60, since: limit.answers)
        await #expect(throws: Refusal.self) { try await limit.enter() }
    }

    @Test("requests that are under way together are told of one pause; an answer ends the row of pauses")
    func pauses() async throws {
        let limit = RequestLimit(clock: clock)
        let together = [try await limit.enter(), try await limit.enter()]
        for admission in together {
            _ = limit.leave(admission, status: 429, retryAfterSeconds: 5, longestWaitSeconds: 120)
        }
        #expect(limit.pauses == 1)
        _ = limit.leave(try await limit.enter(), status: 429, retryAfterSeconds: 5, longestWaitSeconds: 120)
        #expect(limit.pauses == 2)
        limit.leave(try await limit.enter())
        #expect(limit.pauses == 0)
    }
}
