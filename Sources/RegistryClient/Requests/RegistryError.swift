import FoundationEssentials
import NIOHTTP1

/// An answer of a registry that is a refusal, or no answer that a registry would give.
public struct RegistryError: Error, Sendable {
    /// `GET https://host/path`, without query and user information.
    public let request: String
    /// What went wrong.
    public let reason: Reason

    /// What can go wrong with a request.
    public enum Reason: Sendable {
        /// The registry answered with this status and these errors.
        case status(Int, errors: [Detail], retryAfterSeconds: Int?)
        /// The connection failed; the text says how.
        case transport(String, isTransient: Bool)
        /// Authentication failed; the text says how.
        case authentication(String)
        /// The answer isn't one of the protocol.
        case badResponse(String)
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

    static func details(in body: [UInt8]) -> [Detail] {
        (try? JSONDecoder().decode(Body.self, from: Data(body)))?.errors ?? []
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

    var retryAfterSeconds: Int? {
        if case .status(_, _, let seconds) = reason { seconds } else { nil }
    }
}

extension RegistryError: CustomStringConvertible {
    /// What failed, on which address, and what may help.
    public var description: String { "\(request): \(explanation)" }

    private var explanation: String {
        switch reason {
        case .status(let status, let errors, _):
            let words = errors.map { [$0.code, $0.message].compactMap(\.self).joined(separator: ": ") }
            return ([Self.words(for: status)] + words).joined(separator: "; ")
        case .transport(let text, _): return text
        case .authentication(let text): return text
        case .badResponse(let text): return text
        case .redirect(let text): return text
        }
    }

    private static func words(for status: Int) -> String {
        let phrase = HTTPResponseStatus(statusCode: status).reasonPhrase
        return switch status {
        case 401: "401 \(phrase) (log in first, with docker login or skopeo login, or set KBLD_REGISTRY_*)"
        case 403: "403 \(phrase) (the account may not do this)"
        default: "\(status) \(phrase)"
        }
    }
}
