public import ContainerImage

/// A repository that knows which manifests refer to others as their subject: OCI distribution specification, "Listing
/// Referrers".
public protocol ReferrerStore: Sendable {
    /// The manifests that refer to the one of `digest`.
    ///
    /// A refusal that may mean that there are none is noted in the list instead of thrown.
    func referrers(of digest: Digest) async throws -> ReferrersList

    /// Makes the repository list `referrers`, which it has, as those of `subject`.
    ///
    /// - Returns: Why they can't be listed; nil if all is well.
    func registerReferrers(_ referrers: [Descriptor], for subject: Digest) async throws -> String?
}

/// The manifests that refer to another one, as far as a repository knows.
public struct ReferrersList: Sendable {
    /// The manifests.
    public var descriptors: [Descriptor]
    /// Digests of unusable entries, as the repository gives them; they are safe to print.
    public var unusable: [String]
    /// A refusal that was taken for an empty list.
    public var refusal: (any Error)?

    /// Creates a list of these manifests.
    public init(_ descriptors: [Descriptor] = [], unusable: [String] = [], refusal: (any Error)? = nil) {
        self.descriptors = descriptors
        self.unusable = unusable
        self.refusal = refusal
    }
}
