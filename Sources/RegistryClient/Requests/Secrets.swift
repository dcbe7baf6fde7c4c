import FoundationEssentials

/// What must not be printed, in all the forms in which a server might repeat it.
struct Secrets: Sendable {
    private var forms: Set<String> = []

    /// Creates an empty set of secrets.
    init() {}

    /// Creates the secrets of an `Authorization` header, together with `others`.
    init(authorization: String?, _ others: Secrets = Secrets()) {
        forms = others.forms
        guard let authorization, let value = authorization.split(separator: " ").last.map(String.init) else { return }
        add(value)
        guard authorization.lowercased().hasPrefix("basic "), let data = Data(base64Encoded: value),
            let login = String(bytes: data, encoding: .utf8), let colon = login.firstIndex(of: ":")
        else { return }
        add(login)
        add(String(login[login.index(after: colon)...]))
    }

    /// Creates the secrets of a credential, together with `others`.
    init(_ credential: Credential?, _ others: Secrets = Secrets()) {
        forms = others.forms
        switch credential {
        case .password(let username, let password):
            let login = Data("\(username):\(password)".utf8).base64EncodedString()
            self = Secrets(authorization: "Basic " + login, others)
        case .identityToken(let token, let password):
            self = Secrets(password, others)
            add(token)
        case .registryToken(let token): add(token)
        case nil: break
        }
    }

    private mutating func add(_ secret: String) {
        // What is shorter stands in other words too.
        guard secret.utf8.count > 3 else { return }
        forms.formUnion([secret, PercentEncoding.encode(secret)])
    }

    /// A server's words without the secrets, without anything that a terminal might obey, and not without end.
    func redacted(_ text: String) -> String {
        var text = text
        for form in forms.sorted(by: { $0.utf8.count > $1.utf8.count }) { text = text.replacing(form, with: "…") }
        let printable = text.unicodeScalars.map { scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) ? " " : Character(scalar)
        }
        return printable.count > 500 ? String(printable.prefix(500)) + "…" : String(printable)
    }
}
