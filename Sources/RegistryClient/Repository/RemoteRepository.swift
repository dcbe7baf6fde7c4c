public import ContainerImage
import NIOHTTP1

/// A repository of a registry: gives and takes manifests and blobs over the distribution protocol.
public struct RemoteRepository: Sendable {
    /// Which repository it is.
    public let repository: Repository
    var pipeline: RequestPipeline
    /// How it is asked where it is read as a mirror.
    var access: RepositoryAccess?

    /// `host/path`.
    public var name: String { repository.description }

    /// Other repositories of the registry may take blobs over from here.
    public var origin: Repository? { repository }

    func request(
        _ method: HTTPMethod,
        _ path: String,
        actions: String = "pull",
        headers: HTTPHeaders = HTTPHeaders(),
        body: RegistryRequest.Body? = nil,
        accepted: Set<UInt> = [200]
    ) -> RegistryRequest {
        let access = access ?? RepositoryAccess()
        var request = RegistryRequest(
            method: method,
            repository: repository,
            target: .path(access.target(repository.path, path)),
            actions: actions,
            headers: headers,
            body: body,
            accepted: accepted
        )
        request.ownHeaders = access.headers
        return request
    }
}
