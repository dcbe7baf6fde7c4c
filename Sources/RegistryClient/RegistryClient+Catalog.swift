public import ContainerImage
import FoundationEssentials
import HTTPTransport
import ImageStore
import NIOHTTP1

/// The list of repositories: Docker Registry HTTP API V2, "Catalog". Many registries have none.
extension RegistryClient {
    private struct CatalogAnswer: Decodable {
        var repositories: [String]?
    }

    /// All repositories of a registry, over as many pages as there are.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func repositories(in registry: RegistryHost) async throws -> [Repository] {
        var names: [String] = []
        // Logins and schemes are looked up by repositories; the request is for none.
        let any = repository(try Repository("\(registry)/catalog"))
        var next: RegistryRequest? = any.request(.GET, "")
        next?.target = .path("/v2/_catalog?n=1000")
        next?.isOfCatalog = true
        var seen: Set<RegistryURL> = []
        var size = 0
        while let page = next {
            let (response, bytes) = try await pipeline.collect(page, limit: RemoteRepository.listLimit)
            size += bytes.count
            guard let answer = try? JSONDecoder().decode(CatalogAnswer.self, from: Data(bytes)),
                size <= RemoteRepository.listLimit
            else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the response is not a list of repositories, or too long a one")
                )
            }
            names += answer.repositories ?? []
            next = nil
            guard let url = try response.nextPage() else { break }
            guard seen.insert(url).inserted, seen.count < 10_000 else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the list of repositories never ends")
                )
            }
            next = page
            next?.target = .address(url.text)
        }
        return names.compactMap { try? Repository("\(registry)/\($0)") }
    }
}
