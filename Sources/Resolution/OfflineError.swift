/// Something that has to be asked of the network, which isn't allowed.
public struct OfflineError: Error, Sendable, CustomStringConvertible {
    /// What would be asked: `looking up the tag 1.29`.
    public let subject: String

    /// Creates an error.
    public init(subject: String) { self.subject = subject }

    /// What would be asked.
    public var description: String { "\(subject) needs the network, and this run is offline" }
}
