public import ContainerImage
import FoundationEssentials
import SystemPackage

/// Docker's `config.json` (or Podman's `auth.json`): logins, and the helpers that keep them.
public struct DockerConfiguration: CredentialProvider {
    private let path: String
    private let file: DockerConfigurationFile
    private let answers: CredentialHelperAnswers

    private typealias Entry = DockerConfigurationFile.Entry

    /// Reads the first file there is: in `$DOCKER_CONFIG` or `~/.docker`, then where Podman keeps it
    /// (`REGISTRY_AUTH_FILE`, `XDG_RUNTIME_DIR`, `HOME`); nil when there is none.
    ///
    /// - Throws: `CredentialError.configuration` when it can't be read or isn't of the form.
    public init?(variables: [String: String]) throws(CredentialError) {
        for path in Self.candidates(variables) {
            if let configuration = try DockerConfiguration(path: path) {
                self = configuration
                return
            }
        }
        return nil
    }

    /// Where the file may be, Docker's own place first.
    static func candidates(_ variables: [String: String]) -> [String] {
        let folder =
            variables["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? variables["HOME"].map { $0 + "/.docker" }
        let candidates = [
            folder.map { $0 + "/config.json" },
            variables["REGISTRY_AUTH_FILE"],
            variables["XDG_RUNTIME_DIR"].map { $0 + "/containers/auth.json" },
            variables["HOME"].map { $0 + "/.config/containers/auth.json" },
        ]
        return candidates.compactMap(\.self)
    }

    /// Reads `path`; nil when there is no such file, or it is a folder, as Docker has it.
    ///
    /// - Throws: `CredentialError.configuration` when it can't be read or isn't of the form.
    public init?(path: String) throws(CredentialError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder else { return nil }
            throw .configuration(path: path, reason: "the file can't be read (\(Self.reason(of: error, at: path)))")
        }
        file = try DockerConfigurationFile(Array(data), path: path)
        self.path = path
        answers = CredentialHelperAnswers()
    }

    /// What the system says of a file that can't be read.
    private static func reason(of error: any Error, at path: String) -> String {
        do {
            try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]).close()
            return "\((error as? CocoaError)?.underlying ?? error)"
        } catch {
            return "\(error)"
        }
    }

    /// Whether nobody is logged in anywhere.
    public var isEmpty: Bool {
        (file.auths ?? [:]).isEmpty && (file.credHelpers ?? [:]).isEmpty && (file.credsStore ?? "").isEmpty
    }

    /// Whether there seems to be a login for `repository`: each helper is asked one question a registry.
    public func hasLogin(for repository: Repository) async -> Bool {
        let names = Self.names(of: repository)
        if let (helper, name) = (try? file.helper(forOneOf: names, path: path)) ?? nil {
            return await answers.hasCredential(of: helper, for: name)
        }
        if let helper = (try? file.helperForAll(path: path)) ?? nil {
            for name in Self.names(of: repository.registry)
            where await answers.hasCredential(of: helper, for: name) { return true }
        }
        return (try? credentialInFile(for: names)) != nil
    }

    /// The login for `repository`: of the helper for it, of the helper that keeps all, or in the file itself.
    ///
    /// - Throws: `CredentialError`.
    public func credential(for repository: Repository) async throws -> Credential? {
        let names = Self.names(of: repository)
        if let (helper, name) = try file.helper(forOneOf: names, path: path) {
            return try await answers.credential(of: helper, for: name)
        }
        if let helper = try file.helperForAll(path: path) {
            for name in names {
                if let credential = try await answers.credential(of: helper, for: name) { return credential }
            }
        }
        return try credentialInFile(for: names)
    }

    private func credentialInFile(for names: [String]) throws(CredentialError) -> Credential? {
        for name in names {
            if let entry = file.auths?[name] ?? nil, let found = try credential(of: entry, for: name) { return found }
        }
        for name in names {
            let same = file.auths?.filter { Self.bareHost($0.key) == name || Self.withoutScheme($0.key) == name }
            for (key, entry) in (same ?? [:]).sorted(by: { $0.key < $1.key }) {
                if let entry, let found = try credential(of: entry, for: key) { return found }
            }
        }
        return nil
    }

    private func credential(of entry: Entry, for name: String) throws(CredentialError) -> Credential? {
        if let token = entry.registrytoken, !token.isEmpty { return .registryToken(token) }
        let password = try password(of: entry, for: name)
        if let token = entry.identitytoken, !token.isEmpty {
            return .identityToken(token, withoutServer: password)
        }
        return password
    }

    private func password(of entry: Entry, for name: String) throws(CredentialError) -> Credential? {
        if let auth = entry.auth, !auth.isEmpty {
            guard let data = Data(base64Encoded: auth, options: .ignoreUnknownCharacters),
                let text = String(bytes: data, encoding: .utf8), let colon = text.firstIndex(of: ":")
            else {
                throw .configuration(path: path, reason: "'auth' of \(name) is not user:password in base64")
            }
            let password = text[text.index(after: colon)...].trimmingSuffix("\0")
            return .password(username: String(text[..<colon]), password: password)
        }
        guard let username = entry.username, !username.isEmpty else { return nil }
        return .password(username: username, password: entry.password ?? "")
    }

    /// The names under which a login for `repository` may stand, the most specific first: the paths (as Podman
    /// writes them), the host, and for Docker Hub the address of its first index.
    static func names(of repository: Repository) -> [String] {
        let host = repository.registry.name
        var names: [String] = []
        var path = repository.path[...]
        while !path.isEmpty {
            names.append("\(host)/\(path)")
            path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        }
        return names + Self.names(of: repository.registry)
    }

    /// The names under which a login for all of a registry may stand.
    private static func names(of registry: RegistryHost) -> [String] {
        registry == .dockerHub ? ["https://index.docker.io/v1/", registry.name, "docker.io"] : [registry.name]
    }

    static func withoutScheme(_ key: String) -> String {
        for scheme in ["https://", "http://"] where key.hasPrefix(scheme) { return String(key.dropFirst(scheme.count)) }
        return key
    }

    /// The host of a key such as `https://host/v1/`.
    static func bareHost(_ key: String) -> String {
        String(withoutScheme(key).prefix { $0 != "/" })
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ suffix: Character) -> String {
        var rest = self
        while rest.last == suffix { rest.removeLast() }
        return String(rest)
    }
}
