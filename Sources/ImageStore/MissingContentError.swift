/// An error of a destination that may mean that it lacks what a manifest refers to.
public protocol MissingContentError: Error {
    /// Whether it says so.
    var lacksContent: Bool { get }
}
