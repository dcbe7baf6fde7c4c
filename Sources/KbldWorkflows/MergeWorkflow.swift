public import ContainerImage
public import ImageStore
import Packages

/// Several packages become one, and deltas become whole.
public struct MergeWorkflow: Sendable {
    /// How many images the result has.
    public var count: Int { merged.trees.count }
    private let writer: ArchiveWriter
    private let merged: MergedArchives
    private let plan: ArchivePlan

    /// Opens the packages, and checks that the result can be written to `output`.
    ///
    /// - Parameters:
    ///   - inputs: The packages, all of kbld's own format.
    ///   - keepsAll: Whether the images of all packages are kept, not those of the deltas alone.
    ///   - temporaryFolder: Where a compressed package is decompressed; nil for the folder of temporary files.
    /// - Throws: `ArchiveError` naming the package, `UnmergeablePackageError` for one of another format.
    public init(
        _ inputs: [String],
        to output: String,
        keepingAll keepsAll: Bool,
        temporaryFolder: String? = nil,
        log: LogSink
    ) async throws {
        writer = ArchiveWriter(path: output)
        try writer.check()
        var archives: [ArchiveReader] = []
        for path in inputs {
            let package = try await AnyPackage(path: path, temporaryFolder: temporaryFolder)
            guard let archive = package.archive else {
                throw UnmergeablePackageError(path: path, format: package.format)
            }
            archives.append(archive)
        }
        merged = try MergedArchives(archives, keepingAll: keepsAll)
        plan = try ArchivePlan(
            merged.trees,
            metadata: merged.metadata,
            first: SignatureEvidence.layers(in: merged.trees, names: merged.metadata.names ?? [])
        )
        log(
            "merging \(Count.text(merged.trees.count, "image")) of \(merged.chosen.map(\.path).joined(separator: ", "))..."
        )
    }

    /// Writes the result.
    ///
    /// - Throws: `ArchiveError` naming the file, `UnfinishedPackageError` where the next run can go on.
    public func run(progress: TransferProgress?) async throws {
        do {
            try await writer.write(plan, from: { [merged] _ in merged }, atMost: 2, progress: progress)
        } catch let error as LayerError where error.cause is BlobError {
            throw ArchiveError.damaged(
                path: merged.paths(of: error.layer).joined(separator: ", "),
                entry: nil,
                reason: "\(error.cause)"
            )
        }
    }
}

/// A package of a format that isn't merged.
private struct UnmergeablePackageError: Error, Sendable, CustomStringConvertible {
    let path: String
    let format: PackageFormat

    var description: String {
        "Merging '\(path)': its format is \(format), but only kbld's own tarballs can be merged; "
            + "unpackage it separately instead"
    }
}
