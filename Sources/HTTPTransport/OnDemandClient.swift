import AsyncHTTPClient
import Synchronization

/// An HTTP client that is made when it is first needed: one that trusts the machine's authorities reads them all.
final class OnDemandClient: Sendable {
    private let made = Mutex<HTTPClient?>(nil)
    private let make: @Sendable () -> HTTPClient

    /// Creates a client that comes from `make`.
    init(_ make: @escaping @Sendable () -> HTTPClient) { self.make = make }

    /// The client; always the same one.
    var client: HTTPClient {
        made.withLock { made in
            if let made { return made }
            let new = make()
            made = new
            return new
        }
    }

    /// Closes all connections.
    func shutdown() async throws {
        if let client = made.withLock({ $0.take() }) { try await client.shutdown() }
    }
}
