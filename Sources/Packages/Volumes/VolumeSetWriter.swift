public import ContainerImage
public import ImageStore
import NIOCore

/// Writes the volumes of a package, one after the other. A layer that is cut is fetched part by part, and hashed on the way.
public struct VolumeSetWriter: Sendable {
    private let plan: VolumePlan
    private let signatures: [[UInt8]]
    private let path: String
    private let resumes: Bool

    /// Creates a writer of volumes that are called as `path` is.
    ///
    /// - Parameters:
    ///   - signatures: Those of the volumes, in their order; empty for volumes that aren't signed.
    ///   - resumes: Whether what an earlier run has written is kept, once it is verified.
    public init(_ plan: VolumePlan, signedWith signatures: [[UInt8]] = [], to path: String, resumes: Bool) {
        self.plan = plan
        self.signatures = signatures
        self.path = path
        self.resumes = resumes
    }

    /// The paths of the volumes.
    public var paths: [String] { (1...plan.count).map { plan.path(of: $0, in: path) } }

    /// Makes sure that they can be written, as far as that shows beforehand.
    ///
    /// - Throws: As `ArchiveWriter`.
    public func check() throws(ArchiveError) {
        for path in paths { try ArchiveWriter(path: path, resumes: resumes).check() }
    }

    /// Writes all of them.
    ///
    /// - Throws: As `ArchiveWriter`. The volumes before are there, and a further run goes on behind them.
    public func write(
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        try check()
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
            let signature = signatures.indices.contains(index) ? signatures[index] : nil
            if keeps, try await keep(volume, signedWith: signature, at: path, sums) {
                keepsParts = keepsParts || volume.entries.contains { $0.part != nil }
                continue
            }
            let signed = try signature.map { signature throws(ArchiveError) in try volume.signed(with: signature) }
            try await ArchiveWriter(path: path, resumes: resumes)
                .write(
                    signed ?? volume,
                    from: source,
                    cut: sums,
                    countsImages: false,
                    atMost: limit,
                    progress: progress
                )
        }
    }

    /// Whether an earlier run has written this volume, to the last byte; one that lacks the signature gets it.
    private func keep(
        _ volume: ArchivePlan,
        signedWith signature: [UInt8]?,
        at path: String,
        _ sums: CutLayerSums
    ) async throws -> Bool {
        guard let written = try WrittenVolume(volume, at: path), signature != nil || written.signature == nil,
            try await written.isWhole(sums)
        else { return false }
        if let signature, signature != written.signature {
            try SignedPackage(path: path).write(signature: signature, of: volume.seal)
        }
        return true
    }
}
