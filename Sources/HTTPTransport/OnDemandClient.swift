import AsyncHTTPClient
import Synchronization

/// An HTTP client that is made when it is first needed: one that trusts the machine's authorities reads them all.
final class OnDemandClient: Sendable {
    private enum State {
        case none
        case made(HTTPClient)
        case closed
    }

    private let state = Mutex(State.none)
    private let make: @Sendable () -> HTTPClient

    /// Creates a client that comes from `make`.
    init(_ make: @escaping @Sendable () -> HTTPClient) { self.make = make }

    /// The client; always the same one.
    ///
    /// - Throws: `HTTPClientError.alreadyShutdown` after ``shutdown()``.
    var client: HTTPClient {
        get throws {
            try state.withLock { state in
                switch state {
                case .none:
                    let new = make()
                    state = .made(new)
                    return new
                case .made(let client): return client
                case .closed: throw HTTPClientError.alreadyShutdown
                }
            }
        }
    }

    /// Closes all connections; no others are opened.
    func shutdown() async throws {
        let before = state.withLock { state in
            defer { state = .closed }
            return state
        }
        if case .made(let client) = before { try await client.shutdown() }
    }
}
