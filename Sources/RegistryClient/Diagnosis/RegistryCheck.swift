public import ContainerImage

/// One thing that was tried with a registry, and what came of it.
public struct RegistryCheck: Sendable {
    /// What is tried, in this order.
    public enum Subject: String, Sendable, CaseIterable {
        /// Looking up the host's addresses.
        case name
        /// Connecting.
        case connection
        /// The certificate.
        case tls
        /// Whether the distribution protocol is spoken.
        case api
        /// Whether the login is accepted.
        case login
        /// Reading from the repository.
        case pull
        /// Uploading to the repository.
        case push
        /// How referrers are listed.
        case referrers
        /// Whether the registry wants chunks of some size.
        case chunks
    }

    /// What came of it.
    public enum Outcome: String, Sendable {
        case ok, failed, skipped
    }

    /// What was tried.
    public let subject: Subject
    /// What came of it.
    public let outcome: Outcome
    /// What was found; of a failure, what is wrong and what to do.
    public let detail: HintedText
}
