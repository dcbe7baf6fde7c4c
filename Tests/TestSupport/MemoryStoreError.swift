public import ContainerImage
public import ImageStore

/// A refusal of a ``MemoryStore``.
public struct MemoryStoreError: StoreError, MissingContentError, PassingError, CustomStringConvertible {
    /// What can go wrong.
    public enum Reason: Sendable {
        /// There is no such thing, and the store says so.
        case absent
        /// The store won't say.
        case denied
        /// The store doesn't answer.
        case outage
        /// A manifest refers to what isn't there.
        case lacksContent
        /// A manifest that can't be used.
        case unusable(ManifestError)
    }

    /// What was asked for.
    public let subject: String
    /// What is wrong.
    public let reason: Reason

    /// Creates a refusal.
    public init(_ subject: String, _ reason: Reason) {
        self.subject = subject
        self.reason = reason
    }

    /// Whether the store says that there is no such thing.
    public var meansAbsence: Bool { if case .absent = reason { true } else { false } }
    /// Whether there may be no such thing.
    public var mayMeanAbsence: Bool {
        switch reason {
        case .absent, .denied: true
        case .outage, .lacksContent, .unusable: false
        }
    }
    /// What is wrong with the manifest.
    public var manifestError: ManifestError? { if case .unusable(let error) = reason { error } else { nil } }
    /// Whether a manifest refers to what isn't there.
    public var lacksContent: Bool { if case .lacksContent = reason { true } else { false } }
    /// Whether it does.
    public var refusesSparseIndex: Bool { lacksContent }
    /// Whether it may succeed later.
    public var mayPass: Bool { if case .outage = reason { true } else { false } }
    /// Whether nothing is answered.
    public var isOutage: Bool { if case .outage = reason { true } else { false } }

    /// What was asked for, and what is wrong.
    public var description: String {
        switch reason {
        case .absent: "\(subject): not found"
        case .denied: "\(subject): denied"
        case .outage: "\(subject): no answer"
        case .lacksContent: "\(subject): it refers to what isn't there"
        case .unusable(let error): "\(subject): \(error)"
        }
    }
}
