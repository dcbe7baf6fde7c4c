public import Compression
public import ContainerImage
public import ImageStore
import LibC
import LocalFiles
import NIOCore

/// Writes a package: its layers stream concurrently, each straight to its place, hashed on the way.
public struct ArchiveWriter: Sendable {
    /// Where the package goes.
    public let path: String
    private let resumes: Bool
    private let volumes: VolumeOptions?
    private let compression: CompressionSetting?

    /// Creates a writer to `path`: a file, replaced when the package is complete; or a stream (``PackagePath``), which
    /// gets the same bytes in their order.
    ///
    /// - Parameters:
    ///   - resumes: Whether what a run of the same that didn't come to its end has left is kept, once its bytes
    ///     are verified; and whether this run leaves what it has, should it fail for a reason that may pass.
    ///   - volumes: How the package is cut into several files; nil for one.
    ///   - compression: How all of the file is compressed; nil for a package that is read at any place. What is compressed
    ///     is written from its beginning to its end, so nothing is left of it for a later run.
    public init(
        path: String,
        resumes: Bool = true,
        volumes: VolumeOptions? = nil,
        compression: CompressionSetting? = nil
    ) {
        self.path = path
        self.compression = compression
        self.resumes = resumes
        self.volumes = volumes
    }

    /// Makes sure that the file can be written, as far as that shows beforehand, that nobody else is writing it, and that
    /// it is not a terminal.
    ///
    /// - Throws: `ArchiveError` saying why it can't.
    public func check() throws(ArchiveError) {
        try PackagePath.refuseTerminal(path)
        guard !path.hasSuffix(VolumeIndex.suffix) else {
            let reason =
                "a name that ends in '\(VolumeIndex.suffix)' is that of a package's index of parts; choose another"
            throw .file(path: path, doing: "Writing package", reason: reason)
        }
        if volumes != nil { return try VolumeWriter.check(path) }
        guard !PackagePath.isStream(path) else { return }
        do { try AtomicFile.check(path, start: .alone) } catch {
            throw .file(path: path, doing: "Writing package", reason: error.reason)
        }
    }

    /// The signature of the package that an earlier run began to cut into files; nil where there is none. What goes on from
    /// there begins with the same bytes: files may have been handed over.
    public func earlierSignature() -> [UInt8]? {
        guard resumes, let volumes else { return nil }
        var status = stat()
        let isListed = stat(VolumeIndex.path(of: path), &status) == 0
        return VolumeRemains.signature(ofPackage: path, inPartsOf: volumes.size, orPlaced: !isListed)
    }

    /// Writes what `plan` lays out.
    ///
    /// - Parameters:
    ///   - source: Gives the repository that a layer is read from.
    ///   - limit: How many layers are read at once.
    ///   - progress: Counts the layers and their bytes.
    /// - Throws: `LayerError` naming the layer, `ArchiveError` naming the file; `UnfinishedPackageError` where the next run
    ///   can go on from what has come. The file `path` is then untouched.
    public func write(
        _ plan: ArchivePlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        try await write(plan, from: source, cut: CutLayerSums(), atMost: limit, progress: progress)
    }

    /// Writes what `plan` lays out, which may have parts of layers.
    ///
    /// - Parameters:
    ///   - sums: Have seen the parts that came before.
    ///   - countsImages: Whether its images are counted: those of several volumes are the same ones.
    func write(
        _ plan: ArchivePlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        cut sums: CutLayerSums,
        countsImages: Bool = true,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        if let volumes {
            return try await VolumeWriter(plan, to: path, volumes, resumes: resumes)
                .write(from: source, atMost: limit, progress: progress)
        }
        if let compression {
            return try await write(plan, from: source, compression, atMost: limit, progress: progress)
        }
        if PackagePath.isStream(path) {
            var output = try await StreamOutput(path: path)
            return try await ArchiveStreamWriter(plan, from: source, atMost: limit, progress: progress)
                .write(to: &output)
        }
        let file = try OutputFile(
            path: path,
            size: plan.totalSize,
            head: plan.head,
            signature: plan.signatureRange,
            resumes: resumes
        )
        let layers = LayerWriting(to: file, resumes: resumes)
        do {
            let entries = plan.entries
            progress?.count(images: countsImages ? plan.imageCount : 0, layers: plan.layerCount)
            progress?.enter(.copy, items: entries.count, bytes: entries.byteTotal(\.layer.size))
            let add: @Sendable (ArchivePlan.Entry) async throws -> Void = { entry in
                let item = progress?.begin(entry.repository.path, bytes: entry.layer.size)
                try await LayerError.naming(entry) {
                    if let part = entry.part {
                        try await layers.add(entry, part, from: source(entry.repository), into: sums, counting: item)
                    } else {
                        try await layers.add(entry, from: source(entry.repository), counting: item)
                    }
                }
                item?.finish()
            }
            if limit > 1 {
                try await entries.concurrentForEach(atMost: limit, sizedBy: \.layer.size, add)
            } else {
                // One after the other they come in their order: what they are read from may have no other.
                try await entries.concurrentForEach(atMost: 1, add)
            }
            if file.isResumed { try file.write(plan.end, at: plan.totalSize - Int64(plan.end.count)) }
            try await file.settle()
        } catch {
            guard resumes, layers.keptBytes > 0, UnfinishedPackageError.mayPass(error) else {
                file.discard()
                throw error
            }
            file.keep()
            throw UnfinishedPackageError(
                cause: error,
                place: file.temporary,
                keptBytes: layers.keptBytes,
                totalBytes: plan.entries.byteTotal(\.layer.size)
            )
        }
        try file.commit()
    }

    private func write(
        _ plan: ArchivePlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        _ compression: CompressionSetting,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        let writer = ArchiveStreamWriter(plan, from: source, atMost: limit, progress: progress)
        guard !PackagePath.isStream(path) else {
            let stream = try await StreamOutput(path: path)
            var output = try CompressedOutput(stream, compression, size: plan.totalSize)
            return try await writer.write(to: &output)
        }
        let file = try OutputFile(path: path, size: 0)
        do {
            var output = try CompressedOutput(FileOutput(file), compression, size: plan.totalSize)
            try await writer.write(to: &output)
            try await file.settle()
        } catch {
            file.discard()
            throw error
        }
        try file.commit()
    }
}
