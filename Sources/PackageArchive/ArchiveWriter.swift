import AtomicFile
public import ContainerImage
public import ImageStore
import NIOCore

/// Writes a package: its layers stream concurrently, each straight to its place, hashed on the way.
public struct ArchiveWriter: Sendable {
    /// Where the package goes.
    public let path: String
    private let resumes: Bool

    /// Writes to `path`: a file, which stays as it is until the package is whole; or a stream (``PackagePath``), which
    /// gets the same bytes in their order.
    ///
    /// - Parameter resumes: Whether layers that a run of the same that was killed has left are kept, once their bytes are
    ///   verified.
    public init(path: String, resumes: Bool = true) {
        self.path = path
        self.resumes = resumes
    }

    /// Makes sure that the file can be written, as far as that shows beforehand, that nobody else is writing it, and that
    /// it is no terminal.
    ///
    /// - Throws: `ArchiveError` saying why it can't.
    public func check() throws(ArchiveError) {
        try PackagePath.refuseTerminal(path)
        guard !PackagePath.isStream(path) else { return }
        do { try AtomicFile.check(path, alone: true) } catch {
            throw .file(path: path, doing: "Writing package", reason: error.reason)
        }
    }

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
        if PackagePath.isStream(path) {
            let output = try await StreamOutput(path: path)
            return try await ArchiveStreamWriter(plan, from: source, atMost: limit, progress: progress)
                .write(to: output)
        }
        let file = try OutputFile(path: path, size: plan.totalSize, head: plan.head, resumes: resumes)
        do {
            let entries = plan.entries
            progress?.enter(.copy, items: entries.count, bytes: entries.reduce(0) { $0 + $1.layer.size })
            try await entries.concurrentForEach(atMost: limit, sizedBy: \.layer.size) { entry in
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
        if file.isResumed, try isThere(entry, in: file) { return }
        try await LayerError.naming(entry) { try await copy(entry, from: source, to: file, counting: item) }
    }

    private func copy(
        _ entry: ArchivePlan.Entry,
        from source: any ImageSource,
        to file: OutputFile,
        counting item: TransferProgress.Item?
    ) async throws {
        var offset = entry.dataOffset
        let body = try await source.content(of: entry.layer, from: 0).verified(as: entry.layer, counting: item)
        var written = offset
        for try await chunk in body {
            try chunk.withUnsafeReadableBytes { try file.write($0, at: offset) }
            offset += Int64(chunk.readableBytes)
            guard offset - written >= Writeback.stretch else { continue }
            file.startWriteback(at: written, count: offset - written)
            written = offset
        }
        // The header comes last: an entry that has it had all its bytes.
        try file.write(entry.header, at: entry.headerOffset)
    }

    /// Whether the layer is in the file from before, with all its bytes.
    private func isThere(_ entry: ArchivePlan.Entry, in file: OutputFile) throws -> Bool {
        guard try file.read(at: entry.headerOffset, count: entry.header.count) == entry.header else { return false }
        var verifier = BlobVerifier(entry.layer)
        while verifier.count < entry.layer.size {
            try Task.checkCancellation()
            let count = Int(min(entry.layer.size - verifier.count, 512 << 10))
            let bytes = try file.read(at: entry.dataOffset + verifier.count, count: count)
            guard bytes.count == count else { return false }
            try verifier.update(ByteBuffer(bytes: bytes))
        }
        return (try? verifier.finish()) != nil
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

    /// Runs `body`; what it throws comes out with the layer's name, unless it is about the package itself.
    static func naming<Value>(
        _ entry: ArchivePlan.Entry,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            if error is CancellationError || error is ArchiveError { throw error }
            throw LayerError(layer: entry.layer.digest, source: entry.repository.description, cause: error)
        }
    }

    /// What failed, with the layer and its source.
    public var description: String { "Copying layer \(layer) of \(source): \(cause)" }
}
