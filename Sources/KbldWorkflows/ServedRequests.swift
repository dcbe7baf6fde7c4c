import ContainerImage
import RegistryServer
import Synchronization

/// What a registry was asked for, from when it listened to its end.
public struct ServedRequests: Sendable, Equatable {
    /// How many requests were answered.
    public var requests = 0
    /// How many of the answers were errors.
    public var errors = 0
    /// The bytes of the answers that went out whole.
    public var bytes: Int64 = 0

    /// Creates the numbers of a registry that nobody has asked.
    public init() {}

    mutating func count(_ record: AccessRecord) {
        requests += 1
        if record.status >= 400 { errors += 1 }
        bytes = bytes.addingUpToLimit(Int64(record.bytes ?? 0))
    }
}

/// Counts answers, from several tasks.
final class RequestCounter: Sendable {
    private let served = Mutex<ServedRequests?>(nil)

    /// What was counted; nil where nothing has listened.
    var value: ServedRequests? { served.withLock(\.self) }

    func begin() { served.withLock { $0 = ServedRequests() } }

    func count(_ record: AccessRecord) { served.withLock { $0?.count(record) } }
}
