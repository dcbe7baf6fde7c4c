import HTTPProxies

/// The address of something in a registry, or of where a registry points to.
package struct RegistryURL: Sendable, Hashable {
    /// `http` or `https`.
    let scheme: String
    /// Host, and port where there is one, in lower case.
    let authority: String
    /// The path, with its query.
    let pathAndQuery: String

    package init(scheme: String, authority: String, pathAndQuery: String) {
        self.scheme = scheme
        self.authority = authority.lowercased()
        self.pathAndQuery = pathAndQuery.hasPrefix("/") ? pathAndQuery : "/" + pathAndQuery
    }

    /// Parses an absolute address; nil for other schemes than http and https, and for a port that can't be. User
    /// information is dropped.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        guard scheme == "http" || scheme == "https", rest.hasPrefix("//") else { return nil }
        let afterSlashes = rest.dropFirst(2)
        let end = afterSlashes.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? afterSlashes.endIndex
        let authority = afterSlashes[..<end]
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard !host.isEmpty, PortNumber.isPlausible(inAuthority: host) else { return nil }
        let path = afterSlashes[end...].prefix { $0 != "#" }
        self.init(
            scheme: scheme,
            authority: String(host),
            pathAndQuery: path.hasPrefix("/") ? String(path) : "/" + path
        )
    }

    /// The address that `location` means here: absolute, or relative to the host or the path (RFC 3986, section 5).
    package func resolving(_ location: String) -> RegistryURL? {
        if location.hasPrefix("//") { return RegistryURL("\(scheme):\(location)") }
        if let absolute = RegistryURL(location) { return absolute }
        guard !location.isEmpty, !(location.prefix { $0 != "/" && $0 != "?" }.contains(":")) else { return nil }
        if location.hasPrefix("/") {
            return RegistryURL(scheme: scheme, authority: authority, pathAndQuery: location)
        }
        if location.hasPrefix("?") {
            return RegistryURL(scheme: scheme, authority: authority, pathAndQuery: path + location)
        }
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        return RegistryURL(scheme: scheme, authority: authority, pathAndQuery: "\(folder)/\(location)")
    }

    /// The same address with one more query item, whose value must be percent-encoded already.
    func appending(query item: String) -> RegistryURL {
        let separator = pathAndQuery.contains("?") ? (pathAndQuery.hasSuffix("?") ? "" : "&") : "?"
        return RegistryURL(scheme: scheme, authority: authority, pathAndQuery: pathAndQuery + separator + item)
    }

    package var isSecure: Bool { scheme == "https" }

    /// The path without its query.
    var path: Substring { pathAndQuery.prefix { $0 != "?" } }

    /// The host, without brackets, and the port.
    package var hostAndPort: (host: String, port: Int) {
        let text = origin.dropFirst(scheme.count + 3)
        let colon = text.lastIndex(of: ":") ?? text.endIndex
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return (host, Int(text[colon...].dropFirst()) ?? (isSecure ? 443 : 80))
    }

    /// Host and port, the scheme's own port written out, for comparing.
    package var origin: String {
        let hasPort = authority.last != "]" && authority.split(separator: "]").last?.contains(":") == true
        return "\(scheme)://\(authority)" + (hasPort ? "" : isSecure ? ":443" : ":80")
    }

    /// The whole address, to be sent.
    package var text: String { "\(scheme)://\(authority)\(pathAndQuery)" }
}

extension RegistryURL: CustomStringConvertible {
    /// The address without its query, which may hold signatures.
    package var description: String { "\(scheme)://\(authority)\(path)" }
}
