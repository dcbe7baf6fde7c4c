import ContainerImage
public import ImageStore
import Packages
import RegistryMirroring

/// What backups a folder has, and whether they are whole.
public struct BackupListing: Sendable {
    /// One backup.
    public struct Item: Sendable, Encodable {
        /// Its file.
        public var file: String
        /// When it was made, as RFC 3339 has it.
        public var time: String
        /// How many bytes it has.
        public var size: Int64
        /// How many images and artifacts, those in indexes not counted.
        public var images: Int
        /// How many tags.
        public var tags: Int
        /// How many layers it omits, because an earlier backup has them.
        public var omittedLayers: Int
        /// What is wrong with it; empty where nothing is, or where it wasn't verified.
        public var errors: [String] = []
    }

    private let folder: BackupFolder

    /// Creates a listing of the folder at `path`.
    public init(_ path: String) { folder = BackupFolder(path: path) }

    /// The backups, the oldest first; one that can't be read says so.
    public func items() async throws -> [Item] {
        var items: [Item] = []
        for file in try folder.files() {
            do {
                items.append(Self.item(file, try await BackupFolder.open(file.path)))
            } catch {
                if error is CancellationError { throw error }
                items.append(Self.item(file, failing: error))
            }
        }
        return items
    }

    /// What a backup omits that no other one has which is whole.
    private static func gaps(
        in file: BackupFolder.File,
        among paths: [String],
        _ errors: [String: [String]]
    ) async throws -> [String] {
        do {
            _ = try await BackupSource(file.path, among: paths.filter { errors[$0]?.isEmpty == true })
            return []
        } catch is BackupError {
            // With the damaged ones, to tell which of them are needed.
        }
        do {
            let source = try await BackupSource(file.path, among: paths)
            let damaged = Set(source.holders.values.map(\.path)).filter { errors[$0]?.isEmpty == false }
            return damaged.sorted().map { "it omits layers that it needs of '\($0)', which is damaged" }
        } catch let error as BackupError {
            return ["\(error)"]
        }
    }

    private static func item(_ file: BackupFolder.File, _ package: AnyPackage) -> Item {
        Item(
            file: file.path,
            time: file.time.text,
            size: file.size,
            images: Set(package.trees.map(\.reference)).count,
            tags: package.metadata.tags?.count ?? 0,
            omittedLayers: package.metadata.omittedDigests.count
        )
    }

    private static func item(_ file: BackupFolder.File, failing error: any Error) -> Item {
        var item = Item(file: file.path, time: file.time.text, size: file.size, images: 0, tags: 0, omittedLayers: 0)
        item.errors = ["\(HintedText(describing: error))"]
        return item
    }

    /// Reads every byte of all backups, and makes sure that what one omits another has, which isn't damaged.
    public func verify(atMost limit: Int, progress: TransferProgress?) async throws -> [Item] {
        let files = try folder.files()
        guard !files.isEmpty else { throw BackupError.empty(folder.path, before: nil) }
        let paths = Array(files.reversed().map(\.path))
        var errors: [String: [String]] = [:]
        for file in files {
            do {
                let verification = try await PackageVerification(path: file.path, atMost: limit, progress: progress)
                errors[file.path] = verification.errors.map { "\($0.subject): \($0.message)" }
            } catch {
                if error is CancellationError { throw error }
                errors[file.path] = ["\(HintedText(describing: error))"]
            }
        }
        var items: [Item] = []
        for file in files {
            do {
                var item = Self.item(file, try await BackupFolder.open(file.path))
                item.errors = errors[file.path] ?? []
                item.errors += try await Self.gaps(in: file, among: paths, errors)
                items.append(item)
            } catch {
                if error is CancellationError { throw error }
                items.append(Self.item(file, failing: error))
            }
        }
        return items
    }
}
