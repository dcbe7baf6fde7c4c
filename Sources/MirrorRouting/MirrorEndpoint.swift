public import ContainerImage

/// A registry, or a part of one, that images are read from, and how it is spoken to.
public struct MirrorEndpoint: Sendable, Hashable {
    /// What it may be asked for.
    public enum Answers: Sendable, Hashable {
        case all, digests, tags
    }

    /// The files of a certificate and its key that the client shows.
    public struct ClientCertificate: Sendable, Hashable {
        /// The file of the certificate, and the key where that is no other one.
        public var certificate: String
        /// The file of the key.
        public var key: String
    }

    /// Where it is.
    public var host: RegistryHost
    /// What its repositories are below.
    public var path: String = ""
    /// What it may be asked for.
    public var answers = Answers.all
    /// Whether plain HTTP is spoken; nil where that is found out.
    public var usesPlainHTTP: Bool?
    /// Whether its certificate needn't be good, nor HTTPS be spoken.
    public var isInsecure = false
    /// Files of authorities to trust for it.
    public var authorities: [String] = []
    /// What the client shows it.
    public var clientCertificate: ClientCertificate?
    /// Further headers of requests.
    public var headers: [String: String] = [:]
    /// Whether requests tell the registry that is meant (`?ns=`).
    public var sendsNamespace = false
    /// The path of its API in place of `/v2`.
    public var root: String?

    /// Parses `[http://|https://]host[:port][/path]`; nil for anything else.
    init?(_ text: some StringProtocol) {
        let schemes = ["http://": true, "https://": false]
        let scheme = schemes.first { text.hasPrefix($0.key) }
        usesPlainHTTP = scheme?.value
        var rest = Substring(text).dropFirst(scheme?.key.count ?? 0)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        // In the name of a repository, a word alone would be a part of a path.
        let isWord = !first.contains(".") && !first.contains(":") && first != "localhost"
        guard let host = try? RegistryHost(isWord ? "\(first):\(scheme?.value == true ? 80 : 443)" : first) else {
            return nil
        }
        self.host = host
        guard parts.count == 2 else { return }
        guard (try? Repository("\(host)/\(parts[1])")) != nil else { return nil }
        path = String(parts[1])
    }

    init(_ host: RegistryHost) { self.host = host }

    /// The repository of what is left of a name.
    func repository(of rest: some Sequence<Substring>) -> Repository? {
        let all = (path.isEmpty ? [] : [Substring(path)]) + rest
        guard !all.isEmpty else { return nil }
        return try? Repository("\(host)/\(all.joined(separator: "/"))")
    }
}
