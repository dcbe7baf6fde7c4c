/// An error that tells whether what failed may succeed when it is done again later.
public protocol PassingError: Error {
    /// Whether it may.
    var mayPass: Bool { get }
    /// Whether all else that the store is asked for will fail as well: it can't be reached, rejects the login, or
    /// takes no more requests for now.
    var isOutage: Bool { get }
}
