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
        var pages = ListPages(of: "repositories")
        while let page = next {
            let (response, bytes) = try await pipeline.collect(page, limit: ListPages.sizeLimit)
            guard let answer = try? JSONDecoder().decode(CatalogAnswer.self, from: Data(bytes)) else {
                throw RegistryError(
                    request: "GET \(response.url)",
                    reason: .badResponse("the response is not a list of repositories")
                )
            }
            let found = answer.repositories ?? []
            names += found
            next = nil
            guard let url = try pages.next(after: response, size: bytes.count, found) else { break }
            next = page
            next?.target = .address(url.text)
        }
        return names.compactMap { try? Repository("\(registry)/\($0)") }
    }
}
