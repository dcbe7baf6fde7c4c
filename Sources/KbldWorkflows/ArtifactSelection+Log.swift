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

    /// Reads what comes along with `images`; the log tells of it, and of what was filtered.
    func gather(
        _ images: ImagesWithArtifacts,
        in registry: any ImageRegistry,
        atMost limit: Int,
        log: LogSink
    ) async throws -> ImagesWithArtifacts {
        let gathered = try await apply(to: images, from: registry, atMost: limit)
        for platformFilter in gathered.platformFilters {
            let platforms = platformFilter.platforms.map(\.description).joined(separator: ", ")
            log("slimmed \(platformFilter.index) to \(platforms): it is \(platformFilter.filtered) from now on")
            if takesReferrers || takesCosign {
                log(
                    "what refers to \(platformFilter.index) as a whole doesn't come along: it isn't about the slimmed one"
                )
            }
        }
        gathered.remarks.forEach(log)
        for reference in gathered.companions { log("will export \(reference), which comes along") }
        return gathered
    }
}
