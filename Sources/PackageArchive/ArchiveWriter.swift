public import ContainerImage
public import ImageStore
import NIOCore

/// Writes a package: its layers stream concurrently, each straight to its place, hashed on the way.
public struct ArchiveWriter: Sendable {
    private let path: String

    /// Writes to the file `path`, which stays as it is until the package is whole.
    public init(path: String) { self.path = path }

    /// Writes what `plan` lays out.
    ///
    /// - Parameters:
    ///   - source: Gives the repository that a layer is read from.
    ///   - limit: How many layers are read at once.
    ///   - progress: Counts the layers and their bytes.
    /// - Throws: `LayerError` naming the layer, `ArchiveError` naming the file. The file `path` is then untouched.
    public func write(
        _ plan: ArchivePlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        let file = try OutputFile(path: path, size: plan.totalSize)
        do {
            try file.write(plan.head, at: 0)
            // The largest first: the last to finish is then a small one.
            let entries = plan.entries.sorted { $0.layer.size > $1.layer.size }
            progress?.enter(.copy, items: entries.count, bytes: entries.reduce(0) { $0 + $1.layer.size })
            try await entries.concurrentForEach(atMost: limit) { entry in
                let item = progress?.begin(entry.repository.path, bytes: entry.layer.size)
                try await add(entry, from: source(entry.repository), to: file, counting: item)
                item?.finish()
            }
        } catch {
            file.discard()
            throw error
        }
        try file.commit()
    }

    private func add(
        _ entry: ArchivePlan.Entry,
        from source: any ImageSource,
        to file: OutputFile,
        counting item: TransferProgress.Item?
    ) async throws {
        try file.write(entry.header, at: entry.headerOffset)
        do {
            try await copy(entry, from: source, to: file, counting: item)
        } catch {
            if error is CancellationError || error is ArchiveError { throw error }
            throw LayerError(layer: entry.layer.digest, source: entry.repository.description, cause: error)
        }
    }

    private func copy(
        _ entry: ArchivePlan.Entry,
        from source: any ImageSource,
        to file: OutputFile,
        counting item: TransferProgress.Item?
    ) async throws {
        var offset = entry.dataOffset
        let body = try await source.content(of: entry.layer, from: 0).verified(as: entry.layer, counting: item)
        for try await chunk in body {
            try chunk.withUnsafeReadableBytes { try file.write($0, at: offset) }
            offset += Int64(chunk.readableBytes)
        }
    }
}

/// A layer that can't be copied.
public struct LayerError: Error, Sendable, CustomStringConvertible {
    /// The layer.
    public let layer: Digest
    /// Where it was to come from.
    public let source: String
    /// What happened.
    public let cause: any Error

    /// A layer's failure.
    public init(layer: Digest, source: String, cause: any Error) {
        self.layer = layer
        self.source = source
        self.cause = cause
    }

    /// What failed, with the layer and its source.
    public var description: String { "Copying layer \(layer) of \(source): \(cause)" }
}
