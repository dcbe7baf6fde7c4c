import Synchronization

/// How far the uploads of one blob as a whole got.
package final class UploadMeter: Sendable {
    private struct State {
        var taken: Int64 = 0
        var lastBreak: Int64?
        var hasMismatched = false
    }

    private let state = Mutex(State())

    /// Creates a meter of a blob that nothing was sent of.
    package init() {}

    /// Records that other bytes arrived than were sent; true the first time.
    package func isFirstMismatch() -> Bool {
        state.withLock { state in
            defer { state.hasMismatched = true }
            return !state.hasMismatched
        }
    }

    /// A body begins.
    package func restart() { state.withLock { $0.taken = 0 } }

    /// A connection took another `count` bytes.
    package func add(_ count: Int) { state.withLock { $0.taken += Int64(count) } }

    /// Records that the connection broke off.
    ///
    /// - Returns: How many bytes it had taken, where the one before broke off at about the same place: what a connection
    ///   takes beyond what its peer reads differs by what buffers hold.
    package func brokeOff() -> Int64? {
        state.withLock { state in
            let (now, last) = (state.taken, state.lastBreak)
            state.lastBreak = now
            guard let last, min(now, last) > UploadChunking.smallest else { return nil }
            return abs(now - last) <= max(UploadChunking.smallest, now / 8) ? min(now, last) : nil
        }
    }
}
