public import ContainerImage
public import ImageStore
public import KbldConfiguration

/// Finds out which image each reference means: overrides first, then sources that are built, then the registry.
public struct ImageResolver: Sendable {
    /// Builds the image of a reference.
    public typealias Build =
        @Sendable (_ reference: String, _ source: BuildSource, _ destination: BuildDestination?) async throws
        -> ResolvedImage

    private let overrides: MatchedList<ImageOverride>
    private let sources: MatchedList<BuildSource>
    private let destinations: MatchedList<BuildDestination>
    private let registry: any ImageRegistry
    private let platform: Platform?
    private let build: Build?
    private let buildLimit: Int
    private let isOffline: Bool

    /// Creates a resolver.
    ///
    /// - Parameters:
    ///   - platform: Which image of an index is chosen; nil for the index itself.
    ///   - build: Builds what has a source; nil if building isn't allowed.
    ///   - buildLimit: How many builds run at once.
    ///   - isOffline: Whether whatever needs a registry or a build is refused.
    public init(
        configuration: Configuration,
        registry: any ImageRegistry,
        platform: Platform?,
        build: Build?,
        buildLimit: Int = 4,
        isOffline: Bool = false
    ) {
        self.isOffline = isOffline
        self.buildLimit = buildLimit
        overrides = MatchedList(configuration.overrides, by: \.matcher)
        sources = MatchedList(configuration.sources, by: \.matcher)
        destinations = MatchedList(configuration.destinations, by: \.matcher)
        self.registry = registry
        self.platform = platform
        self.build = build
    }

    /// Resolves each distinct reference once, and builds each distinct image once. The first build that fails stops the
    /// others.
    ///
    /// - Parameter progress: Counts the references.
    /// - Throws: `ResolutionError` with every reference that fails.
    public func resolve(
        _ references: [String],
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws -> [String: ResolvedImage] {
        let distinct = Set(references).sorted()
        let toLookUp = distinct.filter { toBuild($0) == nil }
        // Builders tell their own progress.
        if !toLookUp.isEmpty { progress?.enter(.resolve, items: toLookUp.count) }
        async let built = buildImages(of: distinct)
        let results = try await toLookUp.concurrentMap(atMost: limit) { reference in
            let item = progress?.begin(reference)
            defer { item?.finish() }
            return (reference, try await attempt(reference) { try await resolve(reference) })
        }
        let all = try await results + built
        let failures = all.compactMap { reference, result -> ReferenceResolutionError? in
            if case .failure(let failure) = result { failure } else { nil }
        }
        guard failures.isEmpty else {
            throw ResolutionError(failures: failures.sorted { $0.reference < $1.reference })
        }
        return try Dictionary(uniqueKeysWithValues: all.map { ($0, try $1.get()) })
    }

    private typealias Outcome = (reference: String, result: Result<ResolvedImage, ReferenceResolutionError>)

    private func attempt(
        _ reference: String,
        _ body: @Sendable () async throws -> ResolvedImage
    ) async throws -> Result<ResolvedImage, ReferenceResolutionError> {
        do {
            return .success(try await body())
        } catch {
            if error is CancellationError { throw error }
            return .failure(ReferenceResolutionError(reference: reference, cause: error))
        }
    }

    /// The image that is built for a reference, and from what; nil if nothing is built.
    private func toBuild(_ reference: String) -> (image: String, source: BuildSource, platform: Platform?)? {
        let override = overrides.first(for: reference)
        if override?.preresolved == true || override?.tagSelection != nil { return nil }
        let image = override?.image(for: reference) ?? reference
        let source =
            sources.first(for: image)
            ?? GoImport(image).map { package in
                BuildSource(matcher: .image(image), path: ".", builder: .ko(rawOptions: [], importPath: package.path))
            }
        return source.map { (image, $0, override?.platformSelection ?? platform) }
    }

    private func buildImages(of references: [String]) async throws -> [Outcome] {
        let wanted = references.compactMap { reference in toBuild(reference).map { (reference, $0) } }
        guard !wanted.isEmpty else { return [] }
        guard !isOffline else {
            return wanted.map {
                let cause = OfflineError(subject: "building '\($1.image)'")
                return ($0, .failure(ReferenceResolutionError(reference: $0, cause: cause)))
            }
        }
        guard let build else {
            return wanted.map {
                ($0, .failure(ReferenceResolutionError(reference: $0, cause: BuildRefusalError(reference: $1.image))))
            }
        }
        let sources = Dictionary(wanted.map { ($1.image, $1.source) }) { first, _ in first }.sorted { $0.key < $1.key }
        do {
            let images = try await sources.concurrentMap(atMost: buildLimit) { image, source in
                do {
                    return (image, try await build(image, source, destinations.first(for: image)))
                } catch {
                    if error is CancellationError { throw error }
                    throw ReferenceResolutionError(reference: image, cause: error)
                }
            }
            let byImage = Dictionary(uniqueKeysWithValues: images)
            return try await wanted.concurrentMap(atMost: buildLimit) { reference, plan in
                guard let image = byImage[plan.image] else {
                    throw ReferenceResolutionError(
                        reference: reference,
                        cause: BuildRefusalError(reference: plan.image)
                    )
                }
                return (reference, try await attempt(reference) { try await select(plan.platform, of: image) })
            }
        } catch let failure as ReferenceResolutionError {
            return [(failure.reference, .failure(failure))]
        }
    }

    private func resolve(_ reference: String) async throws -> ResolvedImage {
        var wanted = reference
        var platform = platform
        if let override = overrides.first(for: reference) {
            wanted = override.image(for: reference)
            platform = override.platformSelection ?? platform
            // What is final isn't looked up, for a platform neither.
            if override.preresolved {
                let origin = Origin.preresolved(url: wanted)
                let isNoted = override.origins.contains(origin)
                return ResolvedImage(url: wanted, origins: override.origins + (isNoted ? [] : [origin]))
            }
            if let selection = override.tagSelection {
                let tag = try await choose(selection, in: wanted)
                return try await select(platform, of: lookUp("\(wanted):\(tag)", platform))
            }
        }
        return try await select(platform, of: lookUp(wanted, platform))
    }

    /// A reference with a digest stays; a tag is looked up.
    private func lookUp(_ text: String, _ platform: Platform?) async throws -> ResolvedImage {
        let reference: ImageReference
        do {
            reference = try ImageReference(text)
        } catch {
            guard text.contains("@") else { throw error }
            let passed = try PassedReference(text)
            // A platform can't be chosen without asking a registry.
            guard platform == nil else { throw error }
            return ResolvedImage(url: passed.description, origins: [])
        }
        switch reference {
        case .digest(let reference):
            return ResolvedImage(url: reference.description, origins: [])
        case .tag(let repository, let tag):
            guard !isOffline else { throw OfflineError(subject: "looking up the tag '\(tag.name)'") }
            let descriptor = try await registry.repository(repository).resolve(tag)
            return ResolvedImage(
                url: DigestReference(repository: repository, digest: descriptor.digest).description,
                origins: [.resolved(url: text, tag: tag.name)]
            )
        }
    }

    private func choose(_ selection: VersionSelection, in repository: String) async throws -> String {
        guard !isOffline else { throw OfflineError(subject: "listing the tags of '\(repository)'") }
        let tags = try await registry.repository(try Repository(repository)).tags()
        return try selection.highest(of: tags)
    }

    /// The one image of an index for `platform`; other references are unchanged.
    private func select(_ platform: Platform?, of image: ResolvedImage) async throws -> ResolvedImage {
        guard let platform, let reference = try? DigestReference(image.url) else { return image }
        guard !isOffline else { throw OfflineError(subject: "selecting a platform of '\(reference)'") }
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
