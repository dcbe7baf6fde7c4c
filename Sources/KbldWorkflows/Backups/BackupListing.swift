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

    /// The backups, the oldest first.
    public func items() async throws -> [Item] {
        var items: [Item] = []
        for file in try folder.files() { items.append(Self.item(file, try await AnyPackage(path: file.path))) }
        return items
    }

    private static func item(_ file: BackupFolder.File, _ package: AnyPackage) -> Item {
        return Item(
            file: file.path,
            time: file.time.text,
            size: file.size,
            images: Set(package.trees.map(\.reference)).count,
            tags: package.metadata.tags?.count ?? 0,
            omittedLayers: package.metadata.omittedDigests.count
        )
    }

    /// Reads every byte of all backups, and makes sure that what one omits another has.
    public func verify(atMost limit: Int, progress: TransferProgress?) async throws -> [Item] {
        let files = try folder.files()
        guard !files.isEmpty else { throw BackupError.empty(folder.path, before: nil) }
        let paths = files.reversed().map(\.path)
        var items: [Item] = []
        for file in files {
            var item = Item(
                file: file.path,
                time: file.time.text,
                size: 0,
                images: 0,
                tags: 0,
                omittedLayers: 0
            )
            do {
                let verification = try await PackageVerification(path: file.path, atMost: limit, progress: progress)
                let errors = verification.errors.map { "\($0.subject): \($0.message)" }
                item.errors = errors
                if errors.isEmpty {
                    item = Self.item(file, try await BackupSource(file.path, among: Array(paths)).package)
                }
            } catch {
                if error is CancellationError { throw error }
                item.errors.append("\(HintedText(describing: error))")
            }
            items.append(item)
        }
        return items
    }
}
