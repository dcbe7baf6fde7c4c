import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

/// A folder for backups, and registries in memory.
struct BackupLab: Sendable {
    let folder: Folder
    let lines: Lines
    let store = MemoryStore()

    init() throws {
        lines = try Lines()
        folder = try Folder()
    }
}

/// Tests that back up and restore.
protocol BackupTesting {
    var lab: BackupLab { get }
}

extension BackupTesting {
    var folder: Folder { lab.folder }
    var lines: Lines { lab.lines }
    var store: MemoryStore { lab.store }
    var backups: String { folder.path(of: "backups") }

    /// Backs repositories up; warnings are among the lines.
    func back(_ repositories: String..., base: Bool = false) async throws -> BackupWorkflow.Outcome {
        var options = BackupWorkflow.Options(repositories, to: backups)
        if base { options.bases = ["last"] }
        var context = lines.context
        context.warning = lines.sink
        return try await BackupWorkflow(options, in: context).run(in: store, progress: nil)
    }

    @discardableResult
    func restore(
        to host: String = "r.io",
        _ change: (inout RestoreWorkflow.Options) -> Void = { _ in }
    ) async throws -> RestoreWorkflow.Outcome {
        let map = try RestoreMap(to: RepositoryRoot(RegistryHost(host)), renaming: [])
        var options = RestoreWorkflow.Options(backups, to: map)
        change(&options)
        return try await RestoreWorkflow(options, in: lines.context).run(in: store, progress: nil)
    }

    /// Alters the first byte of `text` in a file.
    func damage(_ text: String, in path: String) throws {
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let place = try #require(bytes.firstRange(of: Array(text.utf8)))
        bytes[place.lowerBound] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
    }
}
