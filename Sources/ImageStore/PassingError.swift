/// An error that tells whether what failed may succeed when it is done again later.
public protocol PassingError: Error {
    /// Whether it may.
    var mayPass: Bool { get }
}
