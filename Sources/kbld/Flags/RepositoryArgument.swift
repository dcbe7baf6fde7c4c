import ArgumentParser
import ContainerImage
import ImageTransfer

/// The repository that a flag names.
enum RepositoryArgument {
    /// Parses `text`; a slash at its end is taken off.
    ///
    /// - Parameter flag: The flag, with its dashes.
    /// - Throws: `ValidationError` that names the flag, and what is missing or too much.
    static func repository(_ text: String, of flag: String) throws -> Repository {
        let name = text.hasSuffix("/") ? text.dropLast() : text[...]
        do {
            return try Repository(name)
        } catch {
            throw ValidationError("\(flag) '\(text)': \(advice(for: name, error))")
        }
    }

    /// Parses a repository, or a registry below which images keep their paths.
    ///
    /// - Throws: `ValidationError` as above.
    static func root(_ text: String, of flag: String) throws -> RepositoryRoot {
        try RepositoryRoot(registry: text) ?? RepositoryRoot(repository(text, of: flag))
    }

    private static func advice(for name: Substring, _ error: ReferenceError) -> String {
        guard !name.isEmpty, case let host = name.prefix(while: { $0 != "/" }), !name.contains("://") else {
            return "\(error)"
        }
        let port = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
        let isHost = port.map { !$0.isEmpty && $0.allSatisfy(\.isNumber) } ?? false
        if host == name, isHost || name.hasPrefix("["), (try? RegistryHost(name)) != nil {
            return "this is a registry, and the path is missing: \(name)/app"
        }
        switch try? ImageReference(String(name)) {
        case .tag(let repository, let tag)? where name.hasSuffix(":" + tag.name):
            return "this has a tag, and must be a repository: \(written(repository, in: name))"
        case .digest(let reference)?:
            return "this has a digest, and must be a repository: \(written(reference.repository, in: name))"
        default: return "\(error)"
        }
    }

    /// The repository without tag and digest, as it was written.
    private static func written(_ repository: Repository, in name: Substring) -> String {
        let bare = name.prefix { $0 != "@" }
        guard let colon = bare.lastIndex(of: ":"), !bare[colon...].contains("/") else { return String(bare) }
        return String(bare[..<colon])
    }
}
