public import ContainerImage

/// containerd's `hosts.toml` of one registry, or of all that have none.
public struct HostsFile: Sendable {
    /// The registry; nil for all that have no file of their own.
    let registry: RegistryHost?
    private(set) var mirrors: [MirrorEndpoint] = []
    private var server: MirrorEndpoint?

    /// The name of the folder whose file is for all registries without one.
    public static let fallbackName = "_default"
    private static let hostKeys: Set<String> = [
        "ca", "capabilities", "client", "dial_timeout", "header", "override_path", "skip_verify",
    ]

    /// Which registry the folder `name` is for: `docker.io`, `host_5000_`, `host:5000`; nil inside for all.
    ///
    /// - Returns: nil for a name that no registry has.
    public static func registry(ofFolder name: String) -> RegistryHost?? {
        if name == fallbackName { return .some(nil) }
        var host = name
        if name.hasSuffix("_"), let separator = name.dropLast().lastIndex(of: "_") {
            host = "\(name[..<separator]):\(name[name.index(after: separator)...].dropLast())"
        }
        return (try? RegistryHost(host)).map { .some($0) } ?? nil
    }

    /// Parses the text of the file at `path`.
    ///
    /// - Parameters:
    ///   - folder: Where relative paths of certificates begin.
    ///   - registry: The registry that it is for; nil for all.
    /// - Throws: `MirrorFileError` naming the file and the line.
    public init(
        _ text: String,
        of registry: RegistryHost?,
        path: String,
        folder: String
    ) throws(MirrorFileError) {
        self.registry = registry
        do {
            try read(TOMLNode(parsing: text), folder)
        } catch {
            var error = error
            error.path = path
            throw error
        }
    }

    var rule: MirrorRules.Rule? {
        registry.map { MirrorRules.Rule(pattern: MirrorPattern($0), mirrors: mirrors, origin: server) }
    }

    /// What is asked where a registry has no file of its own.
    var fallback: (mirrors: [MirrorEndpoint], origin: MirrorEndpoint?) { (mirrors, server) }

    private mutating func read(_ root: TOMLNode, _ folder: String) throws(MirrorFileError) {
        let entries = try root.table("", keys: Self.hostKeys.union(["host", "server"]))
        for (key, node) in entries where key == "host" {
            for (address, settings) in try node.table("host") {
                let endpoint = try Self.endpoint(address, settings, folder, line: settings.line)
                if let endpoint { mirrors.append(endpoint) }
            }
        }
        let settings = entries.filter { Self.hostKeys.contains($0.key) }
        if let entry = entries.first(where: { $0.key == "server" }) {
            let address = try entry.node.string("server")
            server = try Self.endpoint(address, settings, folder, line: entry.node.line)
        } else if !settings.isEmpty, let registry {
            server = try Self.endpoint("https://\(registry.name)", settings, folder, line: 1)
        }
        // Docker Hub is asked under this name here.
        if let server, registry == .dockerHub, settings.isEmpty,
            ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(server.host.name)
        {
            self.server = nil
        }
    }

    private static func endpoint(
        _ address: String,
        _ node: TOMLNode,
        _ folder: String,
        line: Int
    ) throws(MirrorFileError) -> MirrorEndpoint? {
        try endpoint(address, node.table("[host.\"\(address)\"]", keys: hostKeys), folder, line: line)
    }

    /// - Returns: nil for a host that gives no images.
    private static func endpoint(
        _ address: String,
        _ settings: [(key: String, node: TOMLNode)],
        _ folder: String,
        line: Int
    ) throws(MirrorFileError) -> MirrorEndpoint? {
        let text = address.contains("://") ? address : "https://\(address)"
        let path = text.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        let base = path.hasSuffix("/") ? path.dropLast() : path
        guard var endpoint = MirrorEndpoint(text.dropLast(path.utf8.count)),
            base.utf8.allSatisfy({ (33...126).contains($0) && $0 != 63 && $0 != 35 })
        else { throw MirrorFileError("'\(address)' is not an http or https address", line: line) }
        var gives = true
        var overrides = false
        for (key, node) in settings {
            switch key {
            case "capabilities":
                let capabilities = try node.strings(key)
                if let unknown = capabilities.first(where: { !["pull", "resolve", "push", "referrers"].contains($0) }) {
                    throw MirrorFileError("unknown capability '\(unknown)'", line: node.line)
                }
                gives = capabilities.contains("pull")
                endpoint.answers = capabilities.contains("resolve") ? .all : .digests
            case "ca": endpoint.authorities = try node.strings(key).map { Self.path($0, in: folder) }
            case "client": endpoint.clientCertificate = try client(node, folder)
            case "skip_verify": endpoint.isInsecure = try node.boolean(key)
            case "override_path": overrides = try node.boolean(key)
            case "header":
                for (name, value) in try node.table("header") {
                    let text = try value.strings("header '\(name)'").joined(separator: ", ")
                    guard isHeader(name, text) else {
                        throw MirrorFileError("'\(name)' is not a valid header", line: value.line)
                    }
                    endpoint.headers[name] = text
                }
            default: break
            }
        }
        endpoint.sendsNamespace = true
        let root = overrides || base.hasSuffix("/v2") ? String(base) : "\(base)/v2"
        if root != "/v2" { endpoint.root = root }
        return gives ? endpoint : nil
    }

    /// One file with certificate and key, or a pair of files; of several the first counts.
    private static func client(
        _ node: TOMLNode,
        _ folder: String
    ) throws(MirrorFileError) -> MirrorEndpoint.ClientCertificate? {
        var files: [String]
        if case .array(let items) = node.content, let first = items.first, case .array = first.content {
            files = try first.strings("client")
        } else {
            files = try node.strings("client")
            if case .array = node.content, files.count > 2 { files = [files[0]] }
        }
        guard let certificate = files.first, let key = files.last else { return nil }
        return MirrorEndpoint.ClientCertificate(
            certificate: path(certificate, in: folder),
            key: path(key, in: folder)
        )
    }

    private static func path(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    private static func isHeader(_ name: String, _ value: String) -> Bool {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        return !name.isEmpty && name.utf8.allSatisfy(token.contains)
            && value.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }
    }
}
