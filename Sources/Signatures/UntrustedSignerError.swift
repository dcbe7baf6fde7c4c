/// The reason a certificate doesn't prove who signed.
public struct UntrustedSignerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}
