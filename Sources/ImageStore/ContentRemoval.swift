public import ContainerImage

/// A repository that things can be deleted from: OCI distribution specification, "Content Management".
public protocol ContentRemoval: Sendable {
    /// Deletes a tag, and nothing of what it names.
    func remove(_ tag: Tag) async throws -> RemovalOutcome

    /// Deletes a manifest, and with it all tags that name it.
    func remove(manifest digest: Digest) async throws -> RemovalOutcome
}

/// What came of a deletion.
public enum RemovalOutcome: Sendable, Equatable {
    /// It is gone.
    case removed
    /// It wasn't there.
    case absent
    /// The repository doesn't delete such things.
    case unsupported
}

extension ContentRemoval {
    /// Not every repository deletes.
    public func remove(_ tag: Tag) async throws -> RemovalOutcome { .unsupported }

    /// Not every repository deletes.
    public func remove(manifest digest: Digest) async throws -> RemovalOutcome { .unsupported }
}
