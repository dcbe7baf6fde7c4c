import RegistryClient
import Testing

@Suite("Bytes a second")
struct RateLimitTests {
    private let clock = VirtualClock()

    private var seconds: Double { clock.now.sinceStart / .seconds(1) }

    @Test("as many bytes pass a second as there may, but for a tenth of a second at first")
    func rate() async throws {
        let limit = RateLimit(bytesPerSecond: 1000, clock: clock)
        for _ in 0..<100 { try await limit.take(100) }
        #expect((9.89...10.01).contains(seconds), "\(seconds)")
    }

    @Test("all who transfer share the bytes", .timeLimit(.minutes(1)))
    func sharing() async throws {
        let limit = RateLimit(bytesPerSecond: 10_000_000, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<100 { try await limit.take(1 << 18) } }
            }
            try await group.waitForAll()
        }
        let expected = Double(8 * 100 * (1 << 18)) / 10_000_000
        #expect((expected - 0.2...expected + 0.1).contains(seconds), "\(seconds), \(expected)")
    }

    @Test("a pause gives no credit beyond a tenth of a second")
    func credit() async throws {
        let limit = RateLimit(bytesPerSecond: 1000, clock: clock)
        try await limit.take(1)
        try await clock.sleep(until: .init(sinceStart: .seconds(100)), tolerance: nil)
        try await limit.take(1000)
        #expect((100.89...101.01).contains(seconds), "\(seconds)")
    }

    @Test("one large piece takes as long as many small ones; none takes no time")
    func pieces() async throws {
        let limit = RateLimit(bytesPerSecond: 1 << 20, clock: clock)
        try await limit.take(0)
        #expect(seconds == 0)
        try await limit.take(64 << 20)
        #expect((63.89...64.01).contains(seconds), "\(seconds)")
    }
}
