import ContainerImage
import ImageStore
import ImageTransfer

extension ArtifactSelection {
    /// Reads images, each index filtered to the platforms.
    func read(
        _ references: [DigestReference],
        in registry: any ImageRegistry,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws -> ImagesWithArtifacts {
        try await read(references, from: { registry.repository($0) }, atMost: limit, progress: progress)
    }

    /// Reads the artifacts attached to `images`; logs them, and the indexes that were filtered.
    func gather(
        _ images: ImagesWithArtifacts,
        in registry: any ImageRegistry,
        atMost limit: Int,
        log: LogSink
    ) async throws -> ImagesWithArtifacts {
        let gathered = try await apply(to: images, from: registry, atMost: limit)
        for platformFilter in gathered.platformFilters {
            Self.lines(on: platformFilter, losesReferrers: takesReferrers || takesCosign).forEach(log)
        }
        PackageFormatLog.sparse(gathered.trees).forEach(log)
        gathered.remarks.forEach(log)
        for reference in gathered.artifacts { log("will also export \(reference)") }
        return gathered
    }

    /// What an index that was filtered became, and what it may have lost.
    static func lines(on filter: PlatformFilter, losesReferrers: Bool) -> [HintedText] {
        let platforms = filter.platforms.map(\.description).joined(separator: ", ")
        return ["filtered \(filter.index) to \(platforms); new digest \(filter.filtered)"]
            + (losesReferrers
                ? ["not including referrers of \(filter.index): they do not apply to the filtered index"] : [])
    }
}
