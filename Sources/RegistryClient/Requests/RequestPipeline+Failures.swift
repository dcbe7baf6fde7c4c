import AsyncHTTPClient
import ContainerImage
import HTTPTransport
import ImageStore
import NIOHTTP1

/// What went wrong with a request, as errors that name it.
extension RequestPipeline {
    /// An answer that isn't accepted, with what it says.
    func refusal(
        _ response: HTTPClientResponse,
        _ method: HTTPMethod,
        _ url: RegistryURL,
        _ authorization: String?
    ) async -> RegistryError {
        // The words of a refusal are worth a wait, but the status counts without them.
        let body = await response.beginning(upTo: 1 << 16, within: .seconds(options.idleTimeoutSeconds))
        return RegistryError(
            request: "\(method) \(url)",
            reason: .status(
                Int(response.status.code),
                errors: RegistryError.details(in: body, without: secrets(authorization)),
                retryAfterSeconds: RetryAfter.seconds(in: response.headers)
            )
        )
    }

    /// What went wrong below HTTP, with the request that it happened to.
    func failure(
        _ error: any Error,
        _ method: HTTPMethod,
        _ url: RegistryURL,
        first: (any Error)? = nil
    ) async -> any Error {
        if error is RegistryError || error is any ContentError || error is CredentialError { return error }
        if Task.isCancelled { return CancellationError() }
        var text: HintedText
        if TransportFailure.isCertificateFailure(error) {
            let isDirect = !http.takesProxy(to: url)
            text = await CertificateProblem.find(at: url, after: error, mayConnect: isDirect).message
            if let problem = options.authorities.problem { text += HintedText("; \(problem)") }
        } else {
            text = Self.explain(error)
        }
        if let first { text += " (over https: \(Self.explain(first)))" }
        return RegistryError(
            request: "\(method) \(url)",
            reason: .transport(text, isTransient: RetryPolicy.isTransient(error))
        )
    }

    private static func explain(_ error: any Error) -> HintedText {
        if TransportFailure.isPlaintextAnswer(error) {
            return "the registry does not speak https"
                + "\(hint: .allowPlainHTTP, after: "; if it speaks plain http and that is intended, ")"
        }
        let text = HintedText(TransportFailure.explain(error, by: "the registry"))
        return TransportFailure.isSilence(error) ? text + "\(hint: .idleTimeout, after: " (", before: ")")" : text
    }
}
