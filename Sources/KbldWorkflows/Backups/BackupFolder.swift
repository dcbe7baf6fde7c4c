public import ContainerImage
import FoundationEssentials
import ImageStore
import LibC
import LocalFiles
import Packages
import RegistryMirroring

/// A folder of backups: packages that are called by their times, and the history of tags.
struct BackupFolder: Sendable {
    /// One backup.
    struct File: Sendable {
        var path: String
        var time: BackupTime

        /// How many bytes it has.
        var size: Int64 {
            var status = stat()
            return stat(path, &status) == 0 ? Int64(status.st_size) : 0
        }
    }

    let path: String

    /// The backups, the oldest first.
    ///
    /// - Throws: `BackupError.unreadable`.
    func files() throws -> [File] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw BackupError.unreadable(path)
        }
        return names.filter { $0.hasSuffix(".tar") }
            .compactMap { name in BackupTime(fileName: name).map { (name, $0) } }
            .sorted { ($0.1, $0.0.utf8.count, $0.0) < ($1.1, $1.0.utf8.count, $1.0) }
            .map { File(path: path + "/" + $0.0, time: $0.1) }
    }

    /// A path for a backup of `time`.
    func newFile(_ time: BackupTime) -> String {
        var name = time.fileName
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path)/\(name).tar") {
            number += 1
            name = "\(time.fileName)-\(number)"
        }
        return "\(path)/\(name).tar"
    }

    private var historyPath: String { path + "/tags.json" }

    /// What tags named at the times of the backups.
    func history() throws -> BackupHistory {
        guard FileManager.default.fileExists(atPath: historyPath) else { return BackupHistory() }
        return try BackupHistory(decoding: try InputFile.bytes(of: historyPath), path: historyPath)
    }

    /// Adds to the history what a backup has seen.
    func note(_ tags: [TaggedImage], at time: BackupTime) throws {
        var history = try history()
        history.note(tags, at: time.text)
        try TextFile.write(try history.text(), to: historyPath)
    }

    /// Makes the folder where it isn't there.
    func create() throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw BackupError.unreadable(path)
        }
    }
}

/// Why there is no backup, or nothing to restore.
public enum BackupError: Error, Sendable, CustomStringConvertible {
    /// The folder can't be read.
    case unreadable(String)
    /// There is no backup in it, or none of the time.
    case empty(String, before: String?)
    /// A pattern that fits no repository.
    case nothing(String)
    /// A layer that no backup of the folder has.
    case layersMissing(String, [Digest])
    /// A backup of another format.
    case format(String)
    /// Tags that name something else where they are to be restored.
    case taken([String])
    /// Tags of several repositories that would be one where they are restored.
    case ambiguous([String])

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path): "'\(path)' is not a folder that can be used for backups"
        case .empty(let path, let time?): "'\(path)' has no backup made by \(time)"
        case .empty(let path, nil): "'\(path)' has no backup"
        case .nothing(let pattern): "No repository of the registry fits '\(pattern)'"
        case .layersMissing(let path, let digests):
            "'\(path)' omits \(Count.text(digests.count, "layer")) that no backup beside it has, "
                + "\(digests.first.map(\.description) ?? ""); put the backup that it builds on into the same folder"
        case .format(let path): "'\(path)' is not a backup: it is no package of kbld's own format"
        case .ambiguous(let names):
            "Refusing to restore: several repositories of the backup have the tag \(names.first ?? "") with other images; "
                + "give them other names where they are restored"
        case .taken(let names):
            "Refusing to restore: \(Count.text(names.count, "tag")) would be moved: \(names.prefix(5).joined(separator: ", "))"
                + (names.count > 5 ? ", …" : "")
        }
    }
}
