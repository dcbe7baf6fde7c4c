public import ContainerImage
import ImageStore
public import KbldConfiguration
public import RegistryClient

/// Finds out which image each reference means: overrides first, then sources that are built, then the registry.
public struct ImageResolver: Sendable {
    /// Builds the image of a reference.
    public typealias Build =
        @Sendable (_ reference: String, _ source: BuildSource, _ destination: BuildDestination?) async throws
        -> ResolvedImage

    private let configuration: Configuration
    private let registry: RegistryClient
    private let platform: Platform?
    private let build: Build?

    /// A resolver.
    ///
    /// - Parameters:
    ///   - platform: Which image of an index is chosen; nil for the index itself.
    ///   - build: Builds what has a source; nil where building isn't allowed.
    public init(configuration: Configuration, registry: RegistryClient, platform: Platform?, build: Build?) {
        self.configuration = configuration
        self.registry = registry
        self.platform = platform
        self.build = build
    }

    /// Resolves each distinct reference once.
    ///
    /// - Throws: `ResolutionFailures` with every reference that fails.
    public func resolve(_ references: [String], atMost limit: Int) async throws -> [String: ResolvedImage] {
        let distinct = Set(references).sorted()
        let results = try await distinct.concurrentMap(atMost: limit) { reference in
            do {
                return Result<ResolvedImage, ResolutionFailure>.success(try await resolve(reference))
            } catch let error as CancellationError {
                throw error
            } catch {
                return .failure(ResolutionFailure(reference: reference, cause: error))
            }
        }
        var images: [String: ResolvedImage] = [:]
        var failures: [ResolutionFailure] = []
        for (reference, result) in zip(distinct, results) {
            switch result {
            case .success(let image): images[reference] = image
            case .failure(let failure): failures.append(failure)
            }
        }
        guard failures.isEmpty else { throw ResolutionFailures(failures: failures) }
        return images
    }

    private func resolve(_ reference: String) async throws -> ResolvedImage {
        var wanted = reference
        var platform = platform
        if let override = configuration.override(for: reference) {
            wanted = override.newImage
            platform = override.platformSelection ?? platform
            if override.preresolved {
                let image = ResolvedImage(url: wanted, origins: override.origins + [.preresolved(url: wanted)])
                return try await select(override.platformSelection, of: image)
            }
            if let selection = override.tagSelection {
                let tag = try await choose(selection, in: wanted)
                return try await select(platform, of: lookUp("\(wanted):\(tag)"))
            }
        }
        if let source = configuration.source(for: wanted) {
            guard let build else { throw BuildRefusal(reference: wanted) }
            return try await select(platform, of: build(wanted, source, configuration.destination(for: wanted)))
        }
        return try await select(platform, of: lookUp(wanted))
    }

    /// A reference with a digest stays; a tag is looked up.
    private func lookUp(_ text: String) async throws -> ResolvedImage {
        switch try ImageReference(text) {
        case .digest(let reference):
            return ResolvedImage(url: reference.description, origins: [])
        case .tag(let repository, let tag):
            let descriptor = try await registry.repository(repository).resolve(.tag(repository, tag))
            return ResolvedImage(
                url: DigestReference(repository: repository, digest: descriptor.digest).description,
                origins: [.resolved(url: text, tag: tag.name)]
            )
        }
    }

    private func choose(_ selection: VersionSelection, in repository: String) async throws -> String {
        let tags = try await registry.repository(try Repository(repository)).tags()
        return try selection.highest(of: tags)
    }

    /// The one image of an index for `platform`; what is no index stays.
    private func select(_ platform: Platform?, of image: ResolvedImage) async throws -> ResolvedImage {
        guard let platform, let reference = try? DigestReference(image.url) else { return image }
        let manifest = try await registry.repository(reference.repository).manifest(reference.digest)
        guard case .index(let index) = try manifest.parsed() else { return image }
        let fitting = index.manifests.filter { $0.platform?.satisfies(platform) == true }
        guard fitting.count == 1 else {
            throw PlatformSelectionError(
                index: reference,
                wanted: platform,
                entries: index.manifests,
                found: fitting.count
            )
        }
        let chosen = DigestReference(repository: reference.repository, digest: fitting[0].digest)
        return ResolvedImage(
            url: chosen.description,
            origins: image.origins + [.platformSelected(index: image.url, platform)]
        )
    }
}
