import Synchronization

/// A clock whose time passes when somebody waits, and at once.
final class VirtualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var sinceStart = Duration.zero
        func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private let time = Mutex(Instant())
    var now: Instant { time.withLock(\.self) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        time.withLock { $0 = max($0, deadline) }
    }
}
