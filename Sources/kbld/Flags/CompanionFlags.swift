import ArgumentParser
import ContainerImage
import ImageStore
import ImageTransfer
import RegistryClient

/// What is taken along with images, and to which platforms indexes are filtered.
struct CompanionFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Take along what registries list as referrers of the images.")
    var referrers = false

    @Flag(inversion: .prefixedNo, help: "Take along what cosign keeps under tags: .sig, .att, .sbom.")
    var cosign = false

    @Flag(
        name: .customLong("include-non-distributable"),
        inversion: .prefixedNo,
        help: "Take along layers that aren't distributable, such as those of Windows."
    )
    var includesNonDistributable = false

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp(
            "Keep only what is for os/arch[/variant][:osversion] in indexes, which get new digests; may be given "
                + "several times.",
            valueName: "platform"
        )
    )
    var platforms: [String] = []

    func validate() throws { _ = try selection() }

    /// - Throws: `PlatformError` for a malformed platform.
    private func selection() throws -> ArtifactSelection {
        var selection = ArtifactSelection()
        selection.takesReferrers = referrers
        selection.takesCosign = cosign
        selection.takesNonDistributable = includesNonDistributable
        selection.platforms = try platforms.map { text throws(PlatformError) in try Platform(text) }
        return selection
    }

    /// Reads images, each index filtered to the platforms.
    func read(
        _ references: [DigestReference],
        in client: RegistryClient,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws -> ImagesWithArtifacts {
        try await selection().read(references, from: { client.repository($0) }, atMost: limit, progress: progress)
    }

    /// Reads what comes along with `images`; the log tells of it, and of what was filtered.
    func gather(
        _ images: ImagesWithArtifacts,
        in client: RegistryClient,
        atMost limit: Int,
        log: Log
    ) async throws -> ImagesWithArtifacts {
        let gathered = try await selection().apply(to: images, from: client, atMost: limit)
        for platformFilter in gathered.platformFilters {
            let platforms = platformFilter.platforms.map(\.description).joined(separator: ", ")
            log.line("slimmed \(platformFilter.index) to \(platforms): it is \(platformFilter.filtered) from now on")
            if referrers || cosign {
                log.line(
                    "what refers to \(platformFilter.index) as a whole doesn't come along: it isn't about the slimmed one"
                )
            }
        }
        for remark in gathered.remarks { log.line(Hints.text(remark)) }
        for reference in gathered.companions { log.line("will export \(reference), which comes along") }
        return gathered
    }
}
