public import ContainerImage
import NIOHTTP1

/// A repository of a registry: gives and takes manifests and blobs over the distribution protocol.
public struct RemoteRepository: Sendable {
    /// Which repository it is.
    public let repository: Repository
    let pipeline: RequestPipeline

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
        RegistryRequest(
            method: method,
            repository: repository,
            target: .path("/v2/\(repository.path)/\(path)"),
            actions: actions,
            headers: headers,
            body: body,
            accepted: accepted
        )
    }
}
