public import ContainerImage

/// A repository of a registry: gives and takes images, and knows tags and referrers.
public protocol ImageRepository: ImageSource, ImageDestination, TagStore, ReferrerStore, ContentRemoval {
    /// The repository's name.
    var repository: Repository { get }

    /// Asks for a blob without fetching it.
    ///
    /// - Throws: When the repository gives no usable answer.
    func presence(of blob: Digest) async throws -> BlobPresence

    /// Asks for a manifest without fetching it, to read it later or not at all.
    ///
    /// - Throws: When the repository gives no usable answer.
    func holdsManifest(_ digest: Digest) async throws -> Bool
}

extension ImageRepository {
    /// Fetches the manifest: not every repository can be asked for it.
    public func holdsManifest(_ digest: Digest) async throws -> Bool {
        do {
            _ = try await manifest(digest)
            return true
        } catch {
            if let error = error as? any StoreError {
                if error.meansAbsence { return false }
                // It is there, whatever is in it.
                if error.manifestError != nil { return true }
            }
            throw error
        }
    }
}

/// What a repository says of a blob.
public enum BlobPresence: Sendable, Equatable {
    /// There is no such blob.
    case missing
    /// There is one, of this size in bytes; nil if the repository doesn't say.
    case present(size: Int64?)
}

/// Any number of registries, by the names of their repositories.
public protocol ImageRegistry: RepositoryCatalog {
    /// The type of its repositories.
    associatedtype NamedRepository: ImageRepository

    /// The repository of this name. No request is sent yet.
    func repository(_ name: Repository) -> NamedRepository

    /// The same, to write to: what is read of it is what its own registry has, whatever mirrors others are read from.
    func destination(_ name: Repository) -> NamedRepository
}

extension ImageRegistry {
    /// The same repository: most registries have no mirrors.
    public func destination(_ name: Repository) -> NamedRepository { repository(name) }
}
