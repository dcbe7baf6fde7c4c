package import ContainerImage
import FoundationEssentials
import LibC

/// Where logins are kept: in Docker's configuration file, or by the helper that the file names.
package struct LoginKeeper: Sendable {
    /// The file.
    package let path: String
    private let file: DockerConfigurationFile

    /// Finds the file: the one that logins are read from, or Docker's where there is none.
    ///
    /// - Throws: `CredentialError.configuration` without a home, and for a file that isn't of the form.
    package init(variables: [String: String]) throws(CredentialError) {
        let candidates = DockerConfiguration.candidates(variables)
        guard let standard = candidates.first else {
            throw .configuration(path: "config.json", reason: "neither DOCKER_CONFIG nor HOME is set")
        }
        let isNamed = variables["DOCKER_CONFIG"].map { !$0.isEmpty } ?? false
        path = isNamed ? standard : candidates.first(where: Self.hasName) ?? standard
        if FileManager.default.fileExists(atPath: path) {
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw .configuration(path: path, reason: "the file can't be read")
            }
            // A helper that isn't understood would leave the password in plain text.
            file = try DockerConfigurationFile(Array(data), path: path)
        } else {
            file = DockerConfigurationFile()
        }
    }

    /// Whether something has this name, be it a link that leads to nothing yet.
    private static func hasName(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The name under which a login for `registry` is kept.
    package static func name(of registry: RegistryHost) -> String {
        registry == .dockerHub ? "https://index.docker.io/v1/" : registry.name
    }

    /// The program that keeps logins for `registry`; nil where they are in the file itself.
    ///
    /// - Throws: `CredentialError.configuration` when what the file names can't be one.
    package func helper(for registry: RegistryHost) throws(CredentialError) -> String? {
        try program(for: registry)?.program
    }

    private func program(for registry: RegistryHost) throws(CredentialError) -> CredentialHelper? {
        let names = [Self.name(of: registry), registry.name]
        if let (helper, _) = try file.helper(forOneOf: names, path: path) { return helper }
        return try file.helperForAll(path: path)
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
