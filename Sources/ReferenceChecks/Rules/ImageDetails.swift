import ContainerImage
import FoundationEssentials
import ImageStore

/// What manifests and configs tell of an image.
struct ImageDetails: Sendable {
    /// What is to be found out, at the cost of further requests.
    struct Needs: OptionSet, Sendable {
        let rawValue: Int

        /// When it was created.
        static let creation = Needs(rawValue: 1)
        /// What it was built on.
        static let base = Needs(rawValue: 2)
        /// What it is for.
        static let platforms = Needs(rawValue: 4)
        /// All that it consists of.
        static let content = Needs(rawValue: 8)
    }

    /// An image that another one was built on.
    struct Base: Sendable, Hashable {
        var repository: Repository
        var tag: Tag
        var digest: Digest
    }

    /// What it is for: the entries of an index, or the image itself.
    var platforms: [Platform] = []
    /// When it was created, as far as anybody says so.
    var creation: Timestamp?
    /// What it was built on.
    var base: Base?
    /// The images of an index.
    var entries: Set<Digest> = []
    /// Images of the index that aren't there, with their platforms.
    var absentImages: [Descriptor] = []
    /// The blobs of all images.
    var blobs: Set<Digest> = []

    /// Asks `repository` for the image of `digest`.
    ///
    /// - Parameter platforms: Which image of an index is asked for dates and bases, if there are any.
    /// - Throws: What the repository throws.
    init(of digest: Digest, in repository: any ImageRepository, _ needs: Needs, for platforms: [Platform]) async throws
    {
        let manifest = try await repository.manifest(digest)
        note(annotations: Self.annotations(in: manifest.bytes))
        switch try manifest.parsed() {
        case .image(let image): try await note(image, in: repository, needs)
        case .index(let index):
            entries = Set(index.manifests.map(\.digest))
            self.platforms = index.manifests.compactMap(\.platform)
            let images = index.manifests.filter { !$0.isAttestation }
            let chosen =
                images.first { entry in platforms.contains { entry.platform?.satisfies($0) == true } } ?? images.first
            if needs.contains(.content) {
                for entry in index.manifests { try await note(entry: entry, in: repository) }
            }
            guard let chosen, isLacking(needs) else { return }
            guard let child = try await RegistryAnswer.of({ try await repository.manifest(chosen.digest) }).value,
                case .image(let image)? = try? child.parsed()
            else { return }
            note(annotations: Self.annotations(in: child.bytes))
            try await note(image, in: repository, needs.subtracting([.platforms, .content]))
        }
    }

    /// Whether dates or bases that are needed aren't known.
    private func isLacking(_ needs: Needs) -> Bool {
        needs.contains(.creation) && creation == nil || needs.contains(.base) && base == nil
    }

    private mutating func note(entry: Descriptor, in repository: any ImageRepository) async throws {
        do {
            switch try await repository.parsedManifest(entry.digest).parsed {
            case .image(let image): blobs.formUnion(image.blobs)
            case .index: break
            }
        } catch {
            guard let missing = error as? any StoreError, missing.meansAbsence else { throw error }
            absentImages.append(entry)
        }
    }

    private mutating func note(_ image: ImageManifest, in repository: any ImageRepository, _ needs: Needs) async throws
    {
        if needs.contains(.content) { blobs.formUnion(image.blobs) }
        guard needs.contains(.platforms) || isLacking(needs), image.hasImageConfig else { return }
        let bytes = try await repository.bytes(of: image.config)
        guard JSONNesting.isWithinLimit(bytes),
            let config = try? JSONDecoder().decode(Config.self, from: Data(bytes))
        else { return }
        if needs.contains(.platforms), let os = config.os, let architecture = config.architecture {
            platforms = [Platform(os: os, architecture: architecture, variant: config.variant)]
        }
        note(annotations: config.config?.Labels ?? [:])
        if creation == nil { creation = config.created.flatMap { Timestamp($0) }.flatMap { $0.isPlausible ? $0 : nil } }
    }

    private mutating func note(annotations: [String: String]) {
        if creation == nil, let text = annotations["org.opencontainers.image.created"] {
            creation = Timestamp(text).flatMap { $0.isPlausible ? $0 : nil }
        }
        guard base == nil, let name = annotations["org.opencontainers.image.base.name"],
            let text = annotations["org.opencontainers.image.base.digest"], let digest = try? Digest(text),
            case .tag(let repository, let tag)? = try? ImageReference(String(name.prefix { $0 != "@" }))
        else { return }
        base = Base(repository: repository, tag: tag, digest: digest)
    }

    private static func annotations(in manifest: [UInt8]) -> [String: String] {
        guard JSONNesting.isWithinLimit(manifest) else { return [:] }
        return (try? JSONDecoder().decode(Annotated.self, from: Data(manifest)))?.annotations ?? [:]
    }

    private struct Annotated: Decodable { var annotations: [String: String]? }

    private struct Config: Decodable {
        var created: String?
        var os: String?
        var architecture: String?
        var variant: String?
        var config: Container?

        struct Container: Decodable {
            // swift-format-ignore: AlwaysUseLowerCamelCase
            var Labels: [String: String]?
        }
    }
}

extension ImageManifest {
    /// Whether the config tells of an image.
    fileprivate var hasImageConfig: Bool {
        [
            "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
            "application/octet-stream",
        ]
        .contains(config.mediaType.text)
    }

    /// What a registry must have of it.
    fileprivate var blobs: [Digest] { [config.digest] + layers.filter(\.mediaType.isDistributable).map(\.digest) }
}
