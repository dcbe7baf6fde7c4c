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
            let platforms = platformFilter.platforms.map(\.description).joined(separator: ", ")
            log("filtered \(platformFilter.index) to \(platforms); new digest \(platformFilter.filtered)")
            if takesReferrers || takesCosign {
                log(
                    "not including referrers of \(platformFilter.index): they do not apply to the filtered index"
                )
            }
        }
        PackageFormatLog.sparse(gathered.trees).forEach(log)
        gathered.remarks.forEach(log)
        for reference in gathered.artifacts { log("will also export \(reference)") }
        return gathered
    }
}
