import Synchronization

/// Keeps whoever gives a request's body from running ahead of the connection, which would keep all of it in memory: the
/// client asks for more until the connection's thread has told it that it can't write, and that may take its time.
package final class BodyFlow: Sendable {
    /// How many bytes may be under way to the connection before the next piece is given.
    private static let mostUnderWay = 1 << 20
    /// How many bytes are left when giving goes on.
    private static let fewestUnderWay = 512 << 10

    private struct State {
        var isAttached = false
        var isOver = false
        var bytesUnderWay = 0
        var lastTaken: ContinuousClock.Instant?
        var waiter: CheckedContinuation<Void, Never>?

        var isFull: Bool { isAttached && !isOver && bytesUnderWay >= BodyFlow.mostUnderWay }
    }

    private let state = Mutex(State())

    /// Creates the flow of one request's body.
    package init() {}

    /// When the connection took a piece for the last time.
    package var lastTaken: ContinuousClock.Instant? { state.withLock(\.lastTaken) }

    /// Waits until the connection has taken most of what was given.
    package func waitForRoom() async {
        guard state.withLock(\.isFull) else { return }
        await withCheckedContinuation { continuation in
            let isFull = state.withLock { state in
                if state.isFull { state.waiter = continuation }
                return state.isFull
            }
            if !isFull { continuation.resume() }
        }
    }

    /// A piece of the body was given.
    package func give(_ count: Int) { state.withLock { $0.bytesUnderWay += count } }

    /// The connection tells what it takes from now on.
    func attach() { state.withLock { $0.isAttached = true } }

    /// The connection has taken a piece, or given it up.
    func take(_ count: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.bytesUnderWay -= count
            state.lastTaken = .now
            return state.bytesUnderWay <= Self.fewestUnderWay ? state.waiter.take() : nil
        }
        waiter?.resume()
    }

    /// Nobody takes anything any more.
    func end() {
        let waiter = state.withLock { state in
            state.isOver = true
            return state.waiter.take()
        }
        waiter?.resume()
    }
}

/// The bodies that are on their way, by what their requests ask for: that is how a connection knows which it has.
final class BodyFlows: Sendable {
    private let flows = Mutex<[String: BodyFlow]>([:])

    func flow(of uri: String) -> BodyFlow? { flows.withLock { $0[uri] } }

    /// Runs `body` while `flow` is that of the request for `uri`.
    func with<Value: Sendable>(_ flow: BodyFlow?, of uri: String, _ body: () async throws -> Value) async throws
        -> Value
    {
        guard let flow else { return try await body() }
        flows.withLock { $0[uri] = flow }
        defer {
            flows.withLock { if $0[uri] === flow { $0[uri] = nil } }
            flow.end()
        }
        return try await body()
    }
}
