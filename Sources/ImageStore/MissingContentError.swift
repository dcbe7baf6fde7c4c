/// An error of a destination that may mean that it lacks what a manifest refers to.
public protocol MissingContentError: Error {
    /// Whether it says so.
    var lacksContent: Bool { get }
    /// Whether it may mean that an index was refused for images that it names and that aren't there.
    var refusesSparseIndex: Bool { get }
}
