public import ContainerImage
import NIOHTTP1

/// What is there, without fetching it.
extension RemoteRepository {
    /// What a repository says of a blob.
    public enum Presence: Sendable, Equatable {
        /// There is no such blob.
        case missing
        /// There is one, of this size; nil where the registry doesn't say.
        case present(size: Int64?)
    }

    /// Asks for a blob: one HEAD.
    ///
    /// - Throws: `RegistryError` when the registry gives no usable answer.
    public func presence(of blob: Digest) async throws -> Presence {
        let response = try await pipeline.send(request(.HEAD, "blobs/\(blob)", accepted: [200, 404]))
        guard response.status == .ok else { return .missing }
        return .present(size: response.headers.first(name: "content-length").flatMap { Int64($0) })
    }
}
