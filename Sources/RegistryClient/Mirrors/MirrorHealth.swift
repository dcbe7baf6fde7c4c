public import ContainerImage
import Synchronization

/// Which mirrors can be reached: one that couldn't be three times, one after the other, isn't asked any more.
public final class MirrorHealth: Sendable {
    private static let limit = 3
    private let failures = Mutex<[RegistryHost: Int]>([:])
    private let told = Mutex<Set<RegistryHost>>([])

    /// Creates the health of mirrors that nobody has asked.
    public init() {}

    /// Whether it makes sense to ask `host`.
    public func isUp(_ host: RegistryHost) -> Bool { failures.withLock { $0[host] ?? 0 } < Self.limit }

    /// Records an answer, whatever it was.
    public func answered(_ host: RegistryHost) { failures.withLock { $0[host] = nil } }

    /// Records that there was no answer.
    ///
    /// - Returns: Whether that was the last time that it is asked.
    public func failed(_ host: RegistryHost) -> Bool {
        failures.withLock { failures in
            failures[host, default: 0] += 1
            return failures[host] == Self.limit
        }
    }

    /// Whether nobody has been told yet that `host` gives something else than answers of use.
    func isNews(of host: RegistryHost) -> Bool { told.withLock { $0.insert(host).inserted } }
}
