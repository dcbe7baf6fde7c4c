import ContainerImage
import FoundationEssentials

/// What is read of Docker's `config.json`.
struct DockerConfigurationFile: Decodable, Sendable {
    /// A login.
    struct Entry: Decodable, Sendable {
        var auth: String?
        var username: String?
        var password: String?
        var identitytoken: String?
        var registrytoken: String?
    }

    /// Logins, by the names of registries.
    var auths: [String: Entry?]?
    /// The helper that keeps all logins.
    var credsStore: String?
    /// The helpers that keep those of some registries.
    var credHelpers: [String: String?]?

    /// Creates a file that says nothing.
    init() {}

    /// Reads the file's bytes. Docker takes an empty file for one without logins, and null for nothing.
    ///
    /// - Throws: `CredentialError.configuration` naming the field that isn't as it must be.
    init(_ bytes: [UInt8], path: String) throws(CredentialError) {
        guard !bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return }
        let reason = "the file is not a valid docker config.json"
        guard JSONNesting.isWithinLimit(bytes) else { throw .configuration(path: path, reason: reason) }
        do {
            self = try JSONDecoder().decode(Self?.self, from: Data(bytes)) ?? Self()
        } catch {
            throw .configuration(path: path, reason: reason + Self.detail(of: error))
        }
    }

    private static func detail(of error: any Error) -> String {
        guard case DecodingError.typeMismatch(let type, let context)? = error as? DecodingError else { return "" }
        let form = type == String.self ? "a string" : "an object"
        guard !context.codingPath.isEmpty else { return ": it must be an object" }
        return ": '\(context.codingPath.map(\.stringValue).joined(separator: "."))' must be \(form)"
    }

    /// The helper for one of these names of a registry, with that name.
    ///
    /// - Throws: `CredentialError.configuration` for a helper's name that is a path.
    func helper(forOneOf names: [String], path: String) throws(CredentialError) -> (CredentialHelper, name: String)? {
        for name in names {
            guard let suffix = credHelpers?[name] ?? nil, !suffix.isEmpty else { continue }
            return (try Self.helper(suffix, in: "credHelpers", path: path), name)
        }
        return nil
    }

    /// The helper that keeps all logins.
    ///
    /// - Throws: `CredentialError.configuration` for a helper's name that is a path.
    func helperForAll(path: String) throws(CredentialError) -> CredentialHelper? {
        guard let credsStore, !credsStore.isEmpty else { return nil }
        return try Self.helper(credsStore, in: "credsStore", path: path)
    }

    /// What is run is looked for among programs: a path might lead to any file.
    private static func helper(
        _ suffix: String,
        in field: String,
        path: String
    ) throws(CredentialError) -> CredentialHelper {
        guard !suffix.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7F }) else {
            let reason = "'\(field)' must name a helper, such as pass for docker-credential-pass, not a path"
            throw .configuration(path: path, reason: reason)
        }
        return CredentialHelper(suffix: suffix)
    }
}
