/// The host, and port where there is one, of a registry.
public struct RegistryHost: Hashable, Sendable, CustomStringConvertible {
    /// `index.docker.io`, `127.0.0.1:5000`, `[::1]:5000`.
    public let name: String

    /// Docker Hub's host, the one that names without a host belong to.
    public static let dockerHub = RegistryHost(verified: "index.docker.io")

    /// Parses a host with or without a port; `docker.io` is written out as `index.docker.io`.
    ///
    /// - Throws: `ReferenceError` when the text is no RFC 3986 host and port.
    public init(_ text: some StringProtocol) throws(ReferenceError) {
        guard Self.isAuthority(text) else {
            throw ReferenceError(text: String(text), reason: .badRegistry(String(text)))
        }
        name = text == "docker.io" ? Self.dockerHub.name : String(text)
    }

    private init(verified name: String) { self.name = name }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or `::1`.
    public var isLoopback: Bool {
        let host = hostWithoutPort
        if host == "localhost" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    /// Whether the host is one of the local network: `*.local`, `*.localhost`, or a private address (RFC 1918).
    public var isOnLocalNetwork: Bool {
        let host = hostWithoutPort
        if host.hasSuffix(".local") || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt8($0) }
        guard parts.count == 4, numbers.count == 4 else { return false }
        switch (numbers[0], numbers[1]) {
        case (10, _), (172, 16...31), (192, 168): return true
        default: return false
        }
    }

    /// The name without `:port`.
    public var hostWithoutPort: String {
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") { return String(name[...end]) }
        return String(name.prefix { $0 != ":" })
    }

    /// The name.
    public var description: String { name }

    private static func isAuthority(_ text: some StringProtocol) -> Bool {
        var rest = text[...]
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return false }
            let address = rest[rest.index(after: rest.startIndex)..<end]
            guard !address.isEmpty, address.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return false
            }
            rest = rest[rest.index(after: end)...]
        } else {
            let host = rest.prefix { $0 != ":" }
            let allowed = host.utf8.allSatisfy {
                isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
            guard host.utf8.contains(where: isLetterOrDigit), allowed else { return false }
            rest = rest[host.endIndex...]
        }
        guard !rest.isEmpty else { return true }
        let port = rest.dropFirst()
        return rest.first == ":" && !port.isEmpty && port.utf8.allSatisfy { (48...57).contains($0) }
            && (Int(port) ?? 65536) <= 65535
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

/// A repository in a registry.
public struct Repository: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The registry that holds it.
    public let registry: RegistryHost
    /// The path within the registry, `library/nginx`.
    public let path: String

    /// Parses `[host[:port]/]path` as Docker and go-containerregistry do: the first part is a host when it has a dot
    /// or a colon or is `localhost`; without a host the repository is Docker Hub's, in `library/` when it has one part.
    ///
    /// - Throws: `ReferenceError` when the host or the path isn't well-formed.
    public init(_ text: some StringProtocol) throws(ReferenceError) {
        let whole = String(text)
        guard !whole.isEmpty else { throw ReferenceError(text: whole, reason: .empty) }
        guard !whole.hasPrefix("http://"), !whole.hasPrefix("https://") else {
            throw ReferenceError(text: whole, reason: .scheme)
        }
        let halves = whole.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let first = halves[0]
        var registry = RegistryHost.dockerHub
        var path = whole
        if halves.count == 2, first.contains(".") || first.contains(":") || first == "localhost" {
            do {
                registry = try RegistryHost(first)
            } catch {
                throw ReferenceError(text: whole, reason: error.reason)
            }
            path = String(halves[1])
        }
        guard (2...255).contains(path.utf8.count) || (registry != .dockerHub && path.utf8.count == 1) else {
            throw ReferenceError(text: whole, reason: .repositoryLength(path.utf8.count))
        }
        if let bad = path.first(where: { !Self.allowed.contains($0) }) {
            throw ReferenceError(text: whole, reason: bad.isUppercase ? .capitals : .badCharacter(bad))
        }
        guard !path.hasPrefix("/"), !path.hasSuffix("/"), !path.contains("//") else {
            throw ReferenceError(text: whole, reason: .emptyPathPart)
        }
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw ReferenceError(text: whole, reason: .dotPathPart)
        }
        if registry == .dockerHub, !path.contains("/") { path = "library/" + path }
        guard path.utf8.count <= 255 else {
            throw ReferenceError(text: whole, reason: .repositoryLength(path.utf8.count))
        }
        self.registry = registry
        self.path = path
    }

    private static let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789_-./")

    /// `host/path`.
    public var description: String { "\(registry.name)/\(path)" }

    /// Orders by text.
    public static func < (left: Repository, right: Repository) -> Bool { left.description < right.description }
}
