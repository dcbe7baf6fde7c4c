/// What proves to a registry who is asking. Its description never shows the secret.
public indirect enum Credential: Sendable, Equatable {
    /// A user name and a password; `_json_key` and a key file's text for gcr.io, `AWS` and a token for ECR.
    case password(username: String, password: String)
    /// A refresh token for the token server (OAuth 2), and the password for a registry that has none.
    case identityToken(String, withoutServer: Credential?)
    /// A token to be sent as it is.
    case registryToken(String)
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind, without the secret.
    public var description: String {
        switch self {
        case .password(let username, _): "password of \(username)"
        case .identityToken: "identity token"
        case .registryToken: "registry token"
        }
    }

    /// The kind, without the secret.
    public var debugDescription: String { description }
}
