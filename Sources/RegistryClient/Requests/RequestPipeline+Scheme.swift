import AsyncHTTPClient
import ContainerImage
import HTTPTransport
import NIOHTTP1

/// Finding out a registry's scheme without a request that serves nothing else.
extension RequestPipeline {
    /// Sends the request over the scheme that is known or likely.
    ///
    /// A registry on this machine mostly speaks plain HTTP: the first request to it, which carries no authorization, goes
    /// that way first, and so do others until it is answered. One that speaks HTTPS has nothing to say to it, so HTTPS is
    /// used from then on.
    func begin(
        _ request: RegistryRequest,
        at url: RegistryURL,
        authorization: String?,
        in session: RegistrySession
    ) async throws -> (HTTPClientResponse, RegistryURL) {
        if url.isSecure, authorization == nil, request.body == nil, case .path = request.target,
            await session.mayGuessPlainHTTP
        {
            let plain = RegistryURL(scheme: "http", authority: url.authority, pathAndQuery: url.pathAndQuery)
            if let response = try? await execute(request, at: plain, authorization: nil), Self.isAnswer(response) {
                await session.guessedPlainHTTP(rightly: true)
                return (response, plain)
            }
            try Task.checkCancellation()
            await session.guessedPlainHTTP(rightly: false)
        }
        return (try await execute(request, at: url, authorization: authorization), url)
    }

    /// Whether a server that speaks plain HTTP gave the answer: one that speaks HTTPS refuses with 400, or redirects.
    private static func isAnswer(_ response: HTTPClientResponse) -> Bool {
        response.status.code != 400 && !(300...399).contains(response.status.code)
    }
}
