public import ContainerImage
public import ImageStore
import NIOCore

/// Writes the volumes of a package, one after the other. A layer that is cut is fetched part by part, and hashed on the way.
public struct VolumeSetWriter: Sendable {
    private let plan: VolumePlan
    private let path: String
    private let resumes: Bool

    /// Creates a writer of volumes that are called as `path` is.
    ///
    /// - Parameter resumes: Whether what an earlier run has written is kept, once it is verified.
    public init(_ plan: VolumePlan, to path: String, resumes: Bool) {
        self.plan = plan
        self.path = path
        self.resumes = resumes
    }

    /// The paths of the volumes.
    public var paths: [String] { (1...plan.count).map { plan.path(of: $0, in: path) } }

    /// Writes all of them.
    ///
    /// - Throws: As `ArchiveWriter`. The volumes before are there, and a further run goes on behind them.
    public func write(
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        for path in paths { try ArchiveWriter(path: path, resumes: resumes).check() }
        progress?.count(images: plan.imageCount, layers: plan.cut.count)
        var keepsParts = false
        do {
            try await write(keeping: resumes, &keepsParts, from: source, atMost: limit, progress: progress)
        } catch let error as LayerError where keepsParts && error.cause is BlobError {
            // Only all parts of a layer together tell whether one of them is altered.
            try await write(keeping: false, &keepsParts, from: source, atMost: limit, progress: progress)
        }
    }

    private func write(
        keeping keeps: Bool,
        _ keepsParts: inout Bool,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        let sums = CutLayerSums()
        for (index, path) in paths.enumerated() {
            let volume = try plan.volume(index + 1)
            if keeps, try await isWhole(volume, at: path, sums) {
                keepsParts = keepsParts || volume.entries.contains { $0.part != nil }
                continue
            }
            try await ArchiveWriter(path: path, resumes: resumes)
                .write(volume, from: source, cut: sums, countsImages: false, atMost: limit, progress: progress)
        }
    }

    /// Whether an earlier run has written this volume, to the last byte.
    private func isWhole(_ volume: ArchivePlan, at path: String, _ sums: CutLayerSums) async throws -> Bool {
        guard let file = try? RandomAccessFile(plain: path), file.size == volume.totalSize,
            try file.bytes(at: 0, count: volume.head.count, entry: nil) == volume.head
        else { return false }
        let before = sums.state
        do {
            for entry in volume.entries {
                guard try file.bytes(at: entry.headerOffset, count: entry.header.count, entry: nil) == entry.header
                else {
                    sums.state = before
                    return false
                }
                let range = entry.dataOffset..<(entry.dataOffset + entry.layer.size)
                let body = file.content(from: range.lowerBound, to: range.upperBound, entry: "\(entry.layer.digest)")
                if let part = entry.part {
                    for try await chunk in body { try sums.update(chunk, of: part.whole) }
                } else {
                    for try await _ in body.verified(as: entry.layer) { try Task.checkCancellation() }
                }
            }
            return true
        } catch is BlobError {
            sums.state = before
            return false
        }
    }
}
