import Synchronization

/// How many bytes a second pass, over all transfers together.
///
/// Whoever has bytes takes them from one account; the account may be ahead of its time by no more than a tenth of a second,
/// so that pauses give no credit.
public final class RateLimit: Sendable {
    /// How many bytes a second there are.
    public let bytesPerSecond: Int64
    /// When all that was taken will have passed.
    private let end: Mutex<Duration>
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    private static let credit = Duration.milliseconds(100)

    /// Creates a limit.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: At least 1.
    ///   - clock: Tells the time and waits.
    public init<C: Clock>(bytesPerSecond: Int64, clock: C = ContinuousClock()) where C.Duration == Duration {
        self.bytesPerSecond = max(bytesPerSecond, 1)
        let epoch = clock.now
        end = Mutex(.zero)
        now = { epoch.duration(to: clock.now) }
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    /// Waits until `count` more bytes may have passed.
    ///
    /// - Throws: `CancellationError`.
    public func take(_ count: Int) async throws {
        guard count > 0 else { return }
        let wait = end.withLock { end in
            let now = now()
            end = max(end, now - Self.credit) + .seconds(Double(count) / Double(bytesPerSecond))
            return end - now
        }
        if wait > .zero { try await sleep(wait) }
    }

    /// The most bytes that are taken at once, so that they flow rather than come in bursts.
    var piece: Int { Int(clamping: max(bytesPerSecond / 20, 1 << 10)) }

    /// How much longer than without a limit a connection may seem silent, in seconds, where `connections` others share the
    /// limit: none reads more than 64 KiB at once.
    func silenceSeconds(connections: Int) -> Int64 {
        Int64(clamping: max(connections, 1)) * (64 << 10) / bytesPerSecond
    }
}
