public import ContainerImage
import FoundationEssentials
import NIOHTTP1

/// An answer of a registry that is a refusal, or no answer that a registry would give.
public struct RegistryError: Error, Sendable {
    /// `GET https://host/path`, without query and user information.
    public let request: String
    /// What went wrong.
    public let reason: Reason
    /// What to call the login that was sent with the request, nil if none was.
    public internal(set) var login: String?
    /// Whether the registry rejects the login, and hasn't accepted it with any other request.
    public internal(set) var isLoginRejected = false
    /// What is nearly a login for the registry, where there is none.
    public internal(set) var nearMiss: String?
    /// The ways in which the registry wants to be shown a login, where none of them is known.
    public internal(set) var unknownChallenge: String?

    /// What can go wrong with a request.
    public enum Reason: Sendable {
        /// The registry answered with this status and these errors.
        case status(Int, errors: [Detail], retryAfterSeconds: Int?)
        /// The connection failed; the text says how.
        case transport(HintedText, isTransient: Bool)
        /// Authentication failed; the text says how.
        case authentication(String)
        /// The answer isn't one of the protocol.
        case badResponse(String)
        /// The response is an unusable manifest.
        case manifest(ManifestError)
        /// Too many redirects, or one to where none may go.
        case redirect(String)
    }

    /// One of the errors that a registry gives: OCI distribution specification, "Error Codes".
    public struct Detail: Sendable, Decodable {
        /// `MANIFEST_UNKNOWN`, `DENIED`.
        public var code: String?
        /// The registry's words.
        public var message: String?
    }

    struct Body: Decodable {
        var errors: [Detail]?
    }

    /// The errors that an answer's body gives, in words that are safe to print: without `secrets`, should the server
    /// repeat one, and without anything that a terminal might obey.
    static func details(in body: [UInt8], without secrets: Secrets) -> [Detail] {
        let errors = (try? JSONDecoder().decode(Body.self, from: Data(body)))?.errors ?? []
        return errors.prefix(5).map { error in
            Detail(code: error.code.map(secrets.redacted), message: error.message.map(secrets.redacted))
        }
    }

    /// The status of the answer, where there was one.
    public var status: Int? {
        if case .status(let status, _, _) = reason { status } else { nil }
    }

    /// Whether the same request may well succeed later.
    public var isTransient: Bool {
        switch reason {
        case .status(let status, _, _): status == 408 || status == 429 || (500...599).contains(status) && status != 501
        case .transport(_, let isTransient): isTransient
        default: false
        }
    }

    /// Whether the registry understood the request and won't have it: trying the same again is no use, trying it in
    /// another way may be.
    var isRefusal: Bool {
        guard let status else { return false }
        return (400...499).contains(status) && ![401, 408, 413, 429].contains(status)
    }

    /// Whether one of the registry's errors has a code among `codes`.
    func has(codes: Set<String>) -> Bool {
        guard case .status(_, let errors, _) = reason else { return false }
        return errors.contains { codes.contains($0.code ?? "") }
    }

    var retryAfterSeconds: Int? {
        if case .status(_, _, let seconds) = reason { seconds } else { nil }
    }
}

extension RegistryError: HintedError {
    /// What failed, on which address, and what may help.
    public var message: HintedText { "\(request): \(explanation)" }

    private var explanation: HintedText {
        switch reason {
        case .status(let status, let errors, let seconds):
            // The registry's words come first, as the original has them.
            let words = errors.map { [$0.code, $0.message].compactMap(\.self).joined(separator: ": ") }
                .filter { !$0.isEmpty }
            let meaning = self.words(for: status, isExplained: errors.contains { $0.message != nil })
            let wait: HintedText = seconds.map { "; the registry asks to wait \(Count.text($0, "second"))" } ?? ""
            return HintedText(words.map { $0 + "; " }.joined()) + meaning + wait
        case .transport(let text, _): return text
        case .authentication(let text), .badResponse(let text), .redirect(let text): return HintedText(text)
        case .manifest(let error): return "\(error)"
        }
    }

    /// The status, and what helps. The registry's own words are better than a guess.
    private func words(for status: Int, isExplained: Bool) -> HintedText {
        let text = "\(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)"
        switch (status, login) {
        case (401, let login?):
            return "\(text) (the registry rejects the login of \(login), or it has no access to this repository)"
        case (401, nil):
            if let unknownChallenge {
                return "\(text) (the registry asks for an unsupported kind of login: \(unknownChallenge))"
            }
            if let nearMiss { return "\(text) (\(nearMiss))" }
            return "\(text) (log in first\(hint: .logIn, after: ", "); "
                + "some registries answer the same for a repository that doesn't exist)"
        case (403, _) where !isExplained: return "\(text) (the account is not allowed to do this)"
        case (404, _) where request.contains("/manifests/") && !request.hasPrefix("PUT "):
            return "\(text) (the registry has no such image; check its name and tag)"
        case (429, nil) where !isExplained: return "\(text) (logging in may raise the limit)"
        default: return HintedText(text)
        }
    }
}
