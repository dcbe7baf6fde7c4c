import LibC

/// Which proxy requests take: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not, as Go's net/http reads them.
public struct ProxySettings: Sendable {
    private var proxies: [String: ProxyServer] = [:]
    private var exceptions: [String] = []

    /// Creates settings without a proxy.
    public init() {}

    /// Reads the variables of an environment.
    ///
    /// - Throws: `ProxyError` for an address that is none; what it says doesn't repeat the address, which may hold a
    ///   password.
    public init(variables: [String: String]) throws(ProxyError) {
        func value(_ name: String) -> (name: String, value: String)? {
            for name in [name, name.lowercased()] {
                if let value = variables[name], !value.isEmpty { return (name, value) }
            }
            return nil
        }
        for scheme in ["http", "https"] {
            guard let (name, address) = value(scheme.uppercased() + "_PROXY") else { continue }
            guard var proxy = Self.proxy(at: address) else { throw ProxyError(variable: name) }
            proxy.variable = name
            proxies[scheme] = proxy
        }
        exceptions = (value("NO_PROXY")?.value ?? "").split(separator: ",").map {
            $0.filter { !$0.isWhitespace }.lowercased()
        }
    }

    /// The logins for proxies, each as the base64 of `user:password`.
    package var credentials: [String] { proxies.values.compactMap(\.credentials) }

    /// The proxies by the scheme of what is asked for.
    var all: [String: ProxyServer] { proxies }

    /// Whether requests to `authority`, a host with or without a port, take no proxy. Those to this machine never do.
    ///
    /// - Parameter scheme: Says which port is meant where there is none.
    package func excludes(_ authority: String, scheme: String) -> Bool {
        let (host, statedPort) = Self.split(authority.lowercased())
        let port = statedPort ?? (scheme == "https" ? "443" : "80")
        if host == "localhost" || host == "::1" || host.hasPrefix("127.") && Self.address(host) != nil { return true }
        return exceptions.contains { exception in
            if exception == "*" { return true }
            if exception.contains("/") {
                return Self.address(host).map { Self.network(exception, contains: $0) } ?? false
            }
            let (wanted, wantedPort) = Self.split(exception)
            guard wantedPort == nil || wantedPort == port else { return false }
            let name = wanted.hasPrefix("*.") ? String(wanted.dropFirst()) : wanted
            return name.hasPrefix(".") ? host.hasSuffix(name) : host == name || host.hasSuffix("." + name)
        }
    }

    private static func proxy(at address: String) -> ProxyServer? {
        let halves = address.firstRange(of: "://")
        let scheme = halves.map { address[..<$0.lowerBound].lowercased() } ?? "http"
        let rest = (halves.map { address[$0.upperBound...] } ?? address[...]).prefix { $0 != "/" }
        let at = rest.lastIndex(of: "@")
        let (host, port) = split(String(at.map { rest[rest.index(after: $0)...] } ?? rest))
        let number = port.flatMap { Int($0) }
        guard !host.isEmpty, !host.contains(where: { "[] ".contains($0) }),
            port == nil || (1...65535).contains(number ?? 0)
        else { return nil }
        switch scheme {
        case "socks5", "socks5h": return ProxyServer(kind: .socks, host: host, port: number ?? 1080)
        case "http":
            var proxy = ProxyServer(kind: .http, host: host, port: number ?? 80)
            guard let at else { return proxy }
            guard let login = UserInformation(rest[..<at]) else { return nil }
            proxy.credentials = login.credentials
            return proxy
        default: return nil
        }
    }

    /// Host and port; the brackets of an IPv6 address are gone.
    private static func split(_ authority: String) -> (host: String, port: String?) {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let rest = authority[authority.index(after: end)...]
            let host = authority[authority.index(after: authority.startIndex)..<end]
            return (String(host), rest.hasPrefix(":") ? String(rest.dropFirst()) : nil)
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (authority, nil)
    }

    /// The bytes of an IPv4 or IPv6 address.
    private static func address(_ text: some StringProtocol) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, String(text), &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// Whether a network such as `10.0.0.0/8` or `fd00::/8` has `address`.
    private static func network(_ text: String, contains address: [UInt8]) -> Bool {
        let halves = text.split(separator: "/")
        guard halves.count == 2, let network = Self.address(halves[0]), let bits = Int(halves[1]),
            network.count == address.count, (0...(8 * network.count)).contains(bits)
        else { return false }
        return network.indices.allSatisfy { position in
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, bits - 8 * position)))
            return (network[position] ^ address[position]) & mask == 0
        }
    }
}

/// A variable that names no proxy.
public struct ProxyError: Error, Sendable, CustomStringConvertible {
    /// The variable.
    public let variable: String

    /// What is wrong, without the address.
    public var description: String {
        "The environment variable \(variable) is not a valid proxy address: "
            + "it must be [http://][user:password@]host[:port] or socks5://host[:port]"
    }
}
