import ContainerImage
import FoundationEssentials

/// What a credential helper printed when it was asked for a login.
package enum CredentialHelperAnswer: Sendable, Equatable {
    /// A login.
    case credential(Credential)
    /// Neither a name nor a secret.
    case nothing
    /// Not of the protocol.
    case malformed

    private struct Fields: Decodable {
        var username: String
        var secret: String
        enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// Reads the answer `{"Username": …, "Secret": …}`; the user `<token>` stands for an identity token.
    package init(_ output: String) {
        let bytes = Array(output.utf8)
        guard JSONNesting.isWithinLimit(bytes), let fields = try? JSONDecoder().decode(Fields.self, from: Data(bytes))
        else {
            self = .malformed
            return
        }
        if fields.username.isEmpty, fields.secret.isEmpty {
            self = .nothing
        } else if fields.username == "<token>" {
            self = .credential(.identityToken(fields.secret, withoutServer: nil))
        } else {
            self = .credential(.password(username: fields.username, password: fields.secret))
        }
    }

    /// Whether a helper that failed means that it has no login: the protocol gives these words on standard output, and no
    /// other sign.
    package static func saysNotFound(_ output: String) -> Bool { output.contains("credentials not found") }
}
