public import ContainerImage
public import ImageTransfer

/// Where repositories of a backup go: below a place under the paths that they had, but for those that have a place of
/// their own.
public struct RestoreMap: Sendable {
    private let root: RepositoryRoot
    private let renames: RepositoryRenames

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
            parsed.append((String(parts[0]), String(parts[1])))
        }
        self.renames = RepositoryRenames(parsed)
    }

    /// Where a repository goes.
    ///
    /// - Throws: `ReferenceError` where there can be none of that name.
    public func destination(of repository: Repository) throws(ReferenceError) -> Repository {
        let path = renames.name(of: repository.path, repository.description) ?? repository.path
        return try Repository("\(root)/\(path)")
    }
}

/// What isn't `old=new`.
public struct RestoreMapError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given.
    public let text: String

    /// What is wrong.
    public var description: String { "'\(text)' must be OLD=NEW, as in team/app=team/restored" }
}
