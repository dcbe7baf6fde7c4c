import AsyncHTTPClient
public import ContainerImage
import NIOHTTP1

extension RegistryClient {
    /// Shows the login for `registry` to it, and to its token server where it has one.
    ///
    /// - Returns: Whether the registry asked for it; false where everybody is let in.
    /// - Throws: `RegistryError`, with the status 401 where the login isn't accepted.
    public func checkLogin(at registry: RegistryHost) async throws -> Bool {
        try await checkLogin(at: Repository("\(registry)/library/login"))
    }

    /// Shows the login for `repository` to its registry.
    func checkLogin(at repository: Repository) async throws -> Bool {
        var request = RegistryRequest(method: .GET, repository: repository, target: .path("/v2/"), actions: "")
        request.needsScope = false
        let (checked, session) = (request, await pipeline.sessions.session(for: repository.registry))
        return try await pipeline.options.retries.run { _ in
            let (response, url, authorization) = try await pipeline.sendAuthorized(checked, in: session)
            guard response.status == .ok else {
                throw await pipeline.refusal(response, .GET, url, authorization)
            }
            await response.discardBody()
            return authorization != nil
        }
    }
}
