public import ContainerImage

/// Why there is no backup, or nothing to restore.
public enum BackupError: Error, Sendable, CustomStringConvertible {
    /// The folder can't be read.
    case unreadable(String)
    /// There is no backup in it, or none of the time.
    case empty(String, before: String?)
    /// A pattern that fits no repository.
    case nothing(String)
    /// Tags that the registry lists without having what they name.
    case tagsUnreadable([String])
    /// A layer that no backup of the folder has.
    case layersMissing(String, [Digest], unreadable: [String])
    /// A backup that can't be read, and that may be the only one that has some repositories.
    case damaged(String, any Error)
    /// A backup of another format.
    case format(String)
    /// A backup that was compressed.
    case compressed(String)
    /// Tags that name something else where they are to be restored.
    case taken([String])
    /// Images that couldn't be copied, of so many; the others are restored.
    case notRestored([String], of: Int)
    /// Tags of several repositories that would be one where they are restored.
    case ambiguous([String])

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path): "'\(path)' is not a folder that can be used for backups"
        case .empty(let path, let time?): "'\(path)' has no backup made by \(time)"
        case .empty(let path, nil): "'\(path)' has no backup"
        case .nothing(let pattern): "No repository of the registry fits '\(pattern)'"
        case .tagsUnreadable(let names):
            "The registry lists \(Count.text(names.count, "tag")) whose manifest it doesn't have (404): "
                + Count.first(names)
                + "; push what is missing or delete the tags, and back up again: no backup was made"
        case .layersMissing(let path, let digests, let unreadable) where !unreadable.isEmpty:
            "'\(path)' omits \(Count.text(digests.count, "layer")) that no backup beside it has, unless it is in one that "
                + "can't be read: \(Count.first(unreadable))"
        case .damaged(let path, let error):
            "'\(path)' can't be read, and may be the only backup of some repositories: \(error); take it out of the folder "
                + "to restore without it"
        case .layersMissing(let path, let digests, _):
            "'\(path)' omits \(Count.text(digests.count, "layer")) that no backup beside it has, "
                + "\(digests.first.map(\.description) ?? ""); put the backup that it builds on into the same folder"
        case .format(let path): "'\(path)' is not a backup: it is no package of kbld's own format"
        case .compressed(let path): "'\(path)' is compressed; decompress it, under the same name"
        case .ambiguous(let names):
            "Refusing to restore: several repositories of the backup have the tag \(names.first ?? "") with other images; "
                + "give them other names where they are restored"
        case .notRestored(let names, let count):
            "\(names.count) of \(Count.text(count, "image")) and their tags could not be restored, the others were (the log "
                + "says why): \(Count.first(names)); mend what is wrong and restore again"
        case .taken(let names):
            "Refusing to restore: \(Count.text(names.count, "tag")) would be moved: \(Count.first(names))"
        }
    }
}
