import ContainerImage
import ImageStore
import Packages
import ReferenceChecks
import RegistryMirroring

/// What backups of a folder make up the state of a time: of each repository the latest that was to have it.
struct BackupSelection: Sendable {
    /// What one backup gives.
    struct Part: Sendable {
        var file: BackupFolder.File
        var source: BackupSource
        /// The trees of the repositories that no later backup was to have.
        var trees: [ImageTree]

        /// What gives the repositories of `trees`.
        var repositories: Set<Repository> { Set(trees.map(\.reference.repository)) }
    }

    /// What each backup gives, the latest first.
    private(set) var parts: [Part] = []

    /// Opens the backups.
    ///
    /// - Parameter time: The time whose state is wanted; nil for the latest.
    /// - Throws: `BackupError`, and why the latest one can't be read.
    init(_ folder: BackupFolder, at time: BackupTime?, log: @escaping LogSink) async throws {
        let files = try folder.files()
        let paths = Array(files.reversed().map(\.path))
        let candidates = files.reversed().filter { file in time.map { file.time <= $0 } ?? true }
        guard let latest = candidates.first else { throw BackupError.empty(folder.path, before: time?.text) }
        var covered = Coverage()
        for file in candidates {
            let package: AnyPackage
            do {
                package = try await BackupFolder.open(file.path)
                guard package.archive != nil else { throw BackupError.format(file.path) }
            } catch {
                guard file.path != latest.path else { throw error }
                let known = try folder.history().tags(at: file.time).map(\.image.repository)
                guard !known.isEmpty, known.allSatisfy(covered.contains) else {
                    throw BackupError.damaged(file.path, error)
                }
                log("'\(file.path)' can't be read; later backups have all of its repositories")
                continue
            }
            let trees = package.trees.filter { !covered.contains($0.reference.repository) }
            covered.add(package)
            guard !trees.isEmpty || parts.isEmpty else { continue }
            let source = try await BackupSource(file.path, among: paths, log: log)
            parts.append(Part(file: file, source: source, trees: trees))
        }
    }

    /// The repositories that backups were to have all of.
    private struct Coverage {
        private var repositories: Set<Repository> = []
        private var patterns: [NamePattern] = []

        func contains(_ repository: Repository) -> Bool {
            repositories.contains(repository) || patterns.contains { $0.matches(repository.description) }
        }

        mutating func add(_ package: AnyPackage) {
            repositories.formUnion(package.trees.map(\.reference.repository))
            patterns += (package.metadata.backup?.scope ?? []).map { NamePattern($0) }
        }
    }
}
