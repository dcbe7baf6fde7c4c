import ContainerImage
import FoundationEssentials
import ImageStore
import LibC
import LocalFiles
import Packages
import RegistryMirroring
import SystemPackage

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

    /// Opens a backup. Nothing is decompressed: several are read where they lie, and some over and over.
    ///
    /// - Throws: `BackupError.compressed`; what is wrong with a package.
    static func open(_ path: String) async throws -> AnyPackage {
        guard PackageFile.compression(of: path) == nil else { throw BackupError.compressed(path) }
        return try await AnyPackage(path: path)
    }

    /// A path for a backup of `time`.
    ///
    /// - Parameter isAlone: Whether no other process makes a backup in the folder; names are random else.
    func newFile(_ time: BackupTime, isAlone: Bool) -> String {
        let base = isAlone ? time.fileName : "\(time.fileName)-\(UInt32.random(in: 0...UInt32.max))"
        var name = base
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path)/\(name).tar") {
            number += 1
            name = "\(base)-\(number)"
        }
        return "\(path)/\(name).tar"
    }

    /// Removes what runs that were killed have left.
    func removeRemains() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        for name in names where name.hasPrefix(".") && name.hasSuffix(".tar.partial") {
            let file = String(name.dropFirst().dropLast(".partial".count))
            guard BackupTime(fileName: file) != nil, (try? AtomicFile.check("\(path)/\(file)", start: .alone)) != nil
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    private var historyPath: String { path + "/tags.json" }

    /// What tags named at the times of the backups.
    func history() throws -> BackupHistory {
        guard FileManager.default.fileExists(atPath: historyPath) else { return BackupHistory() }
        return try BackupHistory(decoding: try InputFile.bytes(of: historyPath), path: historyPath)
    }

    /// Adds to the history what a backup has seen.
    func note(_ tags: [TaggedImage], at time: BackupTime) throws {
        // Its temporary is locked: what another process writes meanwhile isn't lost.
        let file = try AtomicFile(path: historyPath, start: .anew, permissions: FilePermissions(rawValue: 0o600))
        do {
            var history = try history()
            history.note(tags, at: time.text)
            _ = try file.descriptor.writeAll(try history.text().utf8)
        } catch {
            file.discard()
            throw error
        }
        try file.commit()
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
