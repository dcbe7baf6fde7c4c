import ContainerImage
import ImageStore
import LibC
import LocalFiles
import SystemPackage

/// Writes a package into several files. The index, which comes last, says that all of them are there.
struct VolumeWriter: Sendable {
    private let layout: VolumeLayout
    private let plan: ArchivePlan
    private let options: VolumeOptions
    private let resumes: Bool

    /// Lays out the files.
    ///
    /// - Throws: `ArchiveError.tooManyParts`.
    init(_ plan: ArchivePlan, to path: String, _ options: VolumeOptions, resumes: Bool) throws(ArchiveError) {
        self.plan = plan
        self.options = options
        self.resumes = resumes
        layout = try VolumeLayout(package: path, totalSize: plan.totalSize, partSize: options.size)
    }

    private var indexPath: String { VolumeIndex.path(of: layout.package) }
    private var sumsPath: String { Self.sumsPath(of: layout.package) }

    /// Where the sums of the files are.
    static func sumsPath(of package: String) -> String { package + ".SHA256SUMS" }

    /// Makes sure that the files can be written, as far as that shows beforehand.
    ///
    /// - Throws: `ArchiveError` saying why they can't.
    static func check(_ package: String) throws(ArchiveError) {
        for path in [VolumeIndex.path(of: package), sumsPath(of: package)] {
            do { try AtomicFile.check(path, start: .alone) } catch { throw failure(error) }
        }
    }

    private static func failure(_ error: AtomicFileError) -> ArchiveError {
        .file(path: error.path, doing: "Writing package", reason: error.reason)
    }

    /// Writes the package.
    ///
    /// - Throws: `LayerError` naming the layer, `ArchiveError` naming the file; `UnfinishedPackageError` where the next run
    ///   can go on from what has come.
    func write(
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        let index = try openIndex()
        do {
            let older = try FormerVolumes(of: layout)
            if options.handOver != nil || !options.renames { older.removeIndex() }
            let remains =
                resumes
                ? try await VolumeRemains(of: plan, in: layout, orPlaced: !older.isListed)
                : VolumeRemains(noneOf: layout)
            try reserve(remains)
            var output = try VolumeOutput(layout, options, after: remains)
            try await fill(&output, from: source, after: remains, atMost: limit, progress: progress)
            older.removeIndex()
            try output.place()
            try finish(output.sums.index(manifest: manifestDigest), in: index)
            older.removeOthers()
        } catch {
            index?.discard()
            throw error
        }
    }

    /// The index's place, which also keeps other processes away.
    private func openIndex() throws(ArchiveError) -> AtomicFile? {
        guard options.renames else { return nil }
        do {
            return try AtomicFile(path: indexPath, start: .alone, permissions: FilePermissions(rawValue: 0o644))
        } catch {
            throw Self.failure(error)
        }
    }

    private func fill(
        _ output: inout VolumeOutput,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        after remains: VolumeRemains,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        do {
            try await ArchiveStreamWriter(plan, from: source, atMost: limit, progress: progress)
                .write(to: &output, from: remains.start)
        } catch {
            let head = Int64(plan.head.count)
            guard resumes, output.sums.count > head, UnfinishedPackageError.mayPass(error) else {
                output.discard()
                throw error
            }
            output.keep()
            // Of what was handed over, files may be gone, and what comes after these is of no use.
            guard let kept = VolumeRemains.kept(in: layout), kept.count > head else { throw error }
            throw UnfinishedPackageError(
                cause: error,
                place: kept.places,
                keptBytes: kept.count - head,
                totalBytes: plan.totalSize - head
            )
        }
    }

    /// Makes sure that there is room: for all files, or for one where each is handed over.
    private func reserve(_ remains: VolumeRemains) throws(ArchiveError) {
        let needed =
            options.handOver == nil ? plan.totalSize - remains.sums.count : min(options.size, plan.totalSize)
        let folder = FilePath(layout.package).removingLastComponent()
        var status = statvfs()
        guard (folder.isEmpty ? "." : folder).withPlatformString({ statvfs($0, &status) }) == 0 else { return }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard overflow || free >= UInt64(max(0, needed)) else { throw .noSpace(path: layout.package, needed: needed) }
    }

    /// The digest of the entry `manifest.json`; of a package without one, that of all that comes before the layers.
    private var manifestDigest: Digest {
        guard let block = try? TarHeaderBlock(plan.head[..<TarHeader.blockSize]), block.name == "manifest.json" else {
            return Digest(of: plan.head)
        }
        return Digest(of: Array(plan.head.dropFirst(TarHeader.blockSize).prefix(Int(block.size))))
    }

    /// Writes the sums, then the index.
    private func finish(_ index: VolumeIndex, in file: AtomicFile?) throws {
        let bytes = try index.encoded()
        var sums = index.parts.map { ChecksumLine.text($0.sha256, $0.name) }
        sums.append(ChecksumLine.text(Digest(of: bytes).hex, VolumeLayout.name(of: indexPath)))
        guard let file else {
            try Self.writePlainly(Array(sums.joined().utf8), to: sumsPath)
            return try Self.writePlainly(bytes, to: indexPath)
        }
        try TextFile.write(sums.joined(), to: sumsPath, permissions: FilePermissions(rawValue: 0o644))
        do {
            _ = try file.descriptor.writeAll(bytes)
            try file.commit()
        } catch let error as AtomicFileError {
            throw Self.failure(error)
        } catch {
            throw ArchiveError.file(path: indexPath, doing: "Writing package", reason: "\(error)")
        }
    }

    private static func writePlainly(_ bytes: [UInt8], to path: String) throws {
        let file = try PartFile(path: path, size: Int64(bytes.count), keeping: 0, from: nil, renames: false)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        _ = try file.seal()
    }
}
