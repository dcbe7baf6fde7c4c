public import ContainerImage

/// A repository of a registry: gives and takes images, and knows tags and referrers.
public protocol ImageRepository: ImageSource, ImageDestination, TagStore, ReferrerStore {
    /// The repository's name.
    var repository: Repository { get }

    /// Asks for a blob without fetching it.
    ///
    /// - Throws: When the repository gives no usable answer.
    func presence(of blob: Digest) async throws -> BlobPresence
}

/// What a repository says of a blob.
public enum BlobPresence: Sendable, Equatable {
    /// There is no such blob.
    case missing
    /// There is one, of this size in bytes; nil if the repository doesn't say.
    case present(size: Int64?)
}

/// Any number of registries, by the names of their repositories.
public protocol ImageRegistry: Sendable {
    /// The type of its repositories.
    associatedtype NamedRepository: ImageRepository

    /// The repository of this name. No request is sent yet.
    func repository(_ name: Repository) -> NamedRepository
}
