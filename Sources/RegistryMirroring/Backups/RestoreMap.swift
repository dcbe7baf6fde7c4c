public import ContainerImage
public import ImageTransfer

/// Where repositories of a backup go: below a place under the paths that they had, but for those that have a place of
/// their own.
public struct RestoreMap: Sendable {
    private let root: RepositoryRoot
    private let renames: [(old: String, new: String)]

    /// Creates a map.
    ///
    /// - Parameter renames: `old=new`: repositories, with their registry or without, and all below them.
    /// - Throws: `RestoreMapError` for what isn't of that form.
    public init(to root: RepositoryRoot, renaming renames: [String]) throws(RestoreMapError) {
        self.root = root
        var parsed: [(old: String, new: String)] = []
        for text in renames {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw RestoreMapError(text: text) }
            parsed.append((Self.trimmed(parts[0]), Self.trimmed(parts[1])))
        }
        // The longest counts.
        self.renames = parsed.sorted { $0.old.utf8.count > $1.old.utf8.count }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.hasSuffix("/") ? text.dropLast() : text)
    }

    /// Where a repository goes.
    ///
    /// - Throws: `ReferenceError` where there can be none of that name.
    public func destination(of repository: Repository) throws(ReferenceError) -> Repository {
        for (old, new) in renames {
            for name in [repository.path, repository.description] {
                if name == old { return try Repository("\(root)/\(new)") }
                if name.hasPrefix(old + "/") { return try Repository("\(root)/\(new)\(name.dropFirst(old.count))") }
            }
        }
        return try Repository("\(root)/\(repository.path)")
    }
}

/// What isn't `old=new`.
public struct RestoreMapError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given.
    public let text: String

    /// What is wrong.
    public var description: String { "'\(text)' must be OLD=NEW, as in team/app=team/restored" }
}
