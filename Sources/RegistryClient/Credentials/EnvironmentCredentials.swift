public import ContainerImage

/// Logins of the variables `<prefix>_HOSTNAME`, `_USERNAME`, `_PASSWORD`, `_IDENTITY_TOKEN` and
/// `_REGISTRY_TOKEN`; a suffix (`<prefix>_HOSTNAME_1`) tells several registries apart.
public struct EnvironmentCredentials: CredentialProvider {
    private struct Entry: Sendable {
        var pattern: String
        var credential: Credential
        /// The variable that has the pattern.
        var variable: String
    }

    private let entries: [Entry]

    /// Whether there is none.
    public var isEmpty: Bool { entries.isEmpty }

    /// Reads those of `variables` whose names begin with `name` and an underscore.
    ///
    /// - Throws: `CredentialError` naming a variable that isn't known, or lacks its companion.
    public init(variables: [String: String], prefix name: String) throws(CredentialError) {
        let prefix = name + "_"
        let kinds = ["HOSTNAME", "USERNAME", "PASSWORD", "IDENTITY_TOKEN", "REGISTRY_TOKEN"]
        var groups: [String: [String: String]] = [:]
        for (variable, value) in variables.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(prefix) {
            let rest = variable.dropFirst(prefix.count)
            // Mirrors are others' business.
            if rest == "MIRROR" || rest.hasPrefix("MIRROR_") { continue }
            guard let kind = kinds.first(where: { rest == $0 || rest.hasPrefix($0 + "_") }) else {
                throw .unknownVariable(variable, prefix: name)
            }
            groups[String(rest.dropFirst(kind.count)), default: [:]][kind] = value
        }
        var entries: [Entry] = []
        for (suffix, group) in groups.sorted(by: { $0.key < $1.key }) {
            guard let host = group["HOSTNAME"], !host.isEmpty else {
                let variable = prefix + (group.keys.sorted().first ?? "") + suffix
                throw .environment(variable: variable, missing: prefix + "HOSTNAME" + suffix)
            }
            if let credential = try Self.credential(in: group, suffix: suffix, prefix: prefix) {
                let variable = prefix + "HOSTNAME" + suffix
                entries.append(Entry(pattern: host, credential: credential, variable: variable))
            }
        }
        self.entries = entries
    }

    private static func credential(
        in group: [String: String],
        suffix: String,
        prefix: String
    ) throws(CredentialError) -> Credential? {
        if let token = group["REGISTRY_TOKEN"], !token.isEmpty { return .registryToken(token) }
        var password: Credential?
        switch (group["USERNAME"], group["PASSWORD"]) {
        case (let username?, let text?): password = .password(username: username, password: text)
        case (nil, nil): break
        case (_?, nil):
            throw .environment(variable: prefix + "USERNAME" + suffix, missing: prefix + "PASSWORD" + suffix)
        case (nil, _?):
            throw .environment(variable: prefix + "PASSWORD" + suffix, missing: prefix + "USERNAME" + suffix)
        }
        guard let token = group["IDENTITY_TOKEN"], !token.isEmpty else { return password }
        return .identityToken(token, withoutServer: password)
    }

    /// The login of the longest pattern that is one for `repository`; nil without any.
    public func credential(for repository: Repository) -> Credential? {
        entries.filter { Self.matches($0.pattern, repository) }
            .max { $0.pattern.count < $1.pattern.count }?.credential
    }

    /// A login for the same host at another port, or without one.
    public func nearMiss(for repository: Repository) -> String? {
        func withoutPort(_ host: String) -> Substring {
            guard let colon = host.lastIndex(of: ":"), host[colon...].dropFirst().allSatisfy(\.isNumber) else {
                return host[...]
            }
            return host[..<colon]
        }
        let registry = repository.registry.name
        let near = entries.first { entry in
            let host = DockerConfiguration.bareHost(entry.pattern)
            return host != registry && withoutPort(host) == withoutPort(registry)
        }
        return near.map {
            "\($0.variable) has '\($0.pattern)', but the registry is '\(registry)': the ports must agree"
        }
    }

    /// Whether `pattern` is the registry's host, or a host and the beginning of a path; `*` stands for a part of the
    /// host's name.
    private static func matches(_ pattern: String, _ repository: Repository) -> Bool {
        let bare = DockerConfiguration.withoutScheme(pattern)
        let host = String(bare.prefix { $0 != "/" })
        let path = bare.dropFirst(host.count).drop { $0 == "/" }
        guard matchesHost(host == "docker.io" ? "index.docker.io" : host, repository.registry.name) else {
            return false
        }
        let trimmed = path.hasSuffix("/") ? path.dropLast() : path
        let isVersion = trimmed == "v1" || trimmed == "v2"
        return trimmed.isEmpty || isVersion || repository.path == trimmed || repository.path.hasPrefix(trimmed + "/")
    }

    private static func matchesHost(_ pattern: String, _ host: String) -> Bool {
        let wanted = pattern.split(separator: ".", omittingEmptySubsequences: false)
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard wanted.count == parts.count else { return false }
        return zip(wanted, parts).allSatisfy { want, part in
            guard let star = want.firstIndex(of: "*") else { return want == part }
            let tail = want[want.index(after: star)...]
            return part.count >= want.count - 1 && part.hasPrefix(want[..<star]) && part.hasSuffix(tail)
        }
    }
}
