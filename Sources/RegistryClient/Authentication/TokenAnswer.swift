import ContainerImage
import FoundationEssentials

/// What a token server answers: distribution token specification, "Token Response Fields".
package struct TokenAnswer: Sendable {
    /// The token.
    package let token: String
    /// How long it is valid, if the server says so.
    package let lifetime: Duration?

    private struct Fields: Decodable {
        var token: String?
        var accessToken: String?
        var lifetime: Lifetime?
        enum CodingKeys: String, CodingKey {
            case token
            case accessToken = "access_token"
            case lifetime = "expires_in"
        }
    }

    /// Seconds; servers write them as a number or as a text, and some write what is neither.
    private struct Lifetime: Decodable {
        var seconds: Double?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            seconds = (try? container.decode(Double.self)) ?? (try? container.decode(String.self)).flatMap(Double.init)
        }
    }

    /// Whether a token is allowed in a header (RFC 9110, section 5.5).
    static func isSendable(_ token: String) -> Bool { token.utf8.allSatisfy { $0 >= 32 && $0 != 127 } }

    /// Reads an answer; nil when it holds no token that can be sent.
    package init?(_ bytes: [UInt8]) {
        guard JSONNesting.isWithinLimit(bytes), let fields = try? JSONDecoder().decode(Fields.self, from: Data(bytes)),
            let token = [fields.token, fields.accessToken].compactMap(\.self).first(where: { !$0.isEmpty }),
            Self.isSendable(token)
        else { return nil }
        self.token = token
        // What can't be meant says nothing.
        lifetime = fields.lifetime?.seconds.flatMap { (1...31_536_000).contains($0) ? .seconds($0) : nil }
    }
}
