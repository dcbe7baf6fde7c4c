package import ContainerImage
import FoundationEssentials

/// Where logins are kept: in Docker's configuration file, or by the helper that the file names.
package struct LoginKeeper: Sendable {
    /// The file.
    package let path: String
    private let helpers: Helpers

    private struct Helpers: Decodable {
        var credsStore: String?
        var credHelpers: [String: String?]?
    }

    /// Finds the file: the one that logins are read from, or Docker's where there is none.
    ///
    /// - Throws: `CredentialError.configuration` without a home, and for a file that isn't of the form.
    package init(variables: [String: String]) throws(CredentialError) {
        let candidates = DockerConfiguration.candidates(variables)
        guard let standard = candidates.first else {
            throw .configuration(path: "config.json", reason: "neither DOCKER_CONFIG nor HOME is set")
        }
        let isNamed = variables["DOCKER_CONFIG"].map { !$0.isEmpty } ?? false
        path = isNamed ? standard : candidates.first { FileManager.default.fileExists(atPath: $0) } ?? standard
        var helpers = Helpers()
        if FileManager.default.fileExists(atPath: path) {
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw .configuration(path: path, reason: "the file can't be read")
            }
            // A helper that isn't understood would leave the password in plain text.
            guard let found = try? JSONDecoder().decode(Helpers.self, from: data) else {
                let reason = "the file is not a valid docker config.json; it stays as it is"
                throw .configuration(path: path, reason: reason)
            }
            helpers = found
        }
        self.helpers = helpers
    }

    /// The name under which a login for `registry` is kept.
    package static func name(of registry: RegistryHost) -> String {
        registry == .dockerHub ? "https://index.docker.io/v1/" : registry.name
    }

    /// The program that keeps logins for `registry`; nil where they are in the file itself.
    package func helper(for registry: RegistryHost) -> String? { program(for: registry)?.program }

    private func program(for registry: RegistryHost) -> CredentialHelper? {
        let named = helpers.credHelpers ?? [:]
        let suffixes = [named[Self.name(of: registry)] ?? nil, named[registry.name] ?? nil, helpers.credsStore]
        return suffixes.compactMap(\.self).first { !$0.isEmpty }.map { CredentialHelper(suffix: $0) }
    }

    /// Gives the helper a login to keep.
    ///
    /// - Throws: `CredentialError.helper`.
    package func storeByHelper(username: String, password: String, for registry: RegistryHost) async throws {
        try await program(for: registry)?
            .store(username: username, password: password, for: Self.name(of: registry))
    }

    /// Makes the helper forget a login.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: `CredentialError.helper`.
    package func eraseByHelper(for registry: RegistryHost) async throws -> Bool {
        try await program(for: registry)?.erase(Self.name(of: registry)) ?? false
    }

    /// Whether a login under `name` is for all of `registry`.
    package static func isName(_ name: String, of registry: RegistryHost) -> Bool {
        let bare = DockerConfiguration.bareHost(name)
        let isWhole = !DockerConfiguration.withoutScheme(name).contains("/") || name.contains("://")
        let isSame = bare == registry.name || (registry == .dockerHub && bare == "docker.io")
        return isWhole && isSame
    }
}
