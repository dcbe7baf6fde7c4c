public import ContainerImage
public import ImageStore
import MirrorRouting
import NIOCore

extension MirroredRepository: ImageSource {
    /// Other repositories of the registry may take blobs over from the repository itself.
    public var origin: Repository? { repository }

    /// The manifest of `digest`, from the first place that has it.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        try await parsedManifest(digest).raw
    }

    /// The manifest of `digest`, from the first place that has it, and what it says.
    public func parsedManifest(_ digest: Digest) async throws -> (raw: RawManifest, parsed: Manifest) {
        try await read { remote, _ in try await remote.parsedManifest(digest) }.value
    }

    /// The bytes of `blob`; where a mirror breaks off, the next place goes on.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        let first = try await open(blob, from: offset, at: 0)
        guard mirrors != nil else { return first.body }
        return BlobBody(
            ContinuedBody(first: first.body, place: first.place) { received, place, error in
                noteBreak(error, at: place)
                return try await open(blob, from: offset + received, at: place + 1)
            }
        )
    }

    private func open(
        _ blob: Descriptor,
        from offset: Int64,
        at start: Int
    ) async throws -> (body: BlobBody, place: Int) {
        let opened = try await read(of: blob.digest, from: start) { remote, place in
            (body: try await remote.content(of: blob, from: offset), place: place)
        }.value
        mirrors?.givers.gives(blob.digest, of: repository, place: opened.place)
        return opened
    }

    /// Passes over the mirror that gave other bytes as `blob`.
    public func passOverGiver(of blob: Digest) -> Bool {
        guard let mirrors, let place = mirrors.givers.passOverGiver(of: blob, of: repository),
            let places = try? mirrors.rules.places(of: repository, byTag: false), places.indices.contains(place)
        else { return false }
        let host = places[place].repository.registry
        if places[place].endpoint != nil, mirrors.health.isNews("bytes", of: host) {
            mirrors.log("mirror \(host) gave other bytes than those of blob \(blob)")
        }
        return place < places.count - 1
    }
}

extension MirroredRepository: TagStore {
    /// All tags that the first place knows which knows any.
    public func tags() async throws -> [String] {
        try await read(byTag: true, where: { !$0.isEmpty }) { remote, _ in try await remote.tags() }.value
    }

    /// The first tags.
    public func tags(atMost limit: Int) async throws -> TagList {
        try await read(byTag: true, where: { !$0.tags.isEmpty }) { remote, _ in
            try await remote.tags(atMost: limit)
        }.value
    }

    /// What `tag` names.
    public func resolve(_ tag: Tag) async throws -> Descriptor {
        let reading = try await read(byTag: true) { remote, _ in try await remote.resolve(tag) }
        tell(reading.mirror, of: tag)
        return reading.value
    }

    /// What `tag` names, nil if there is no such tag in any place.
    public func descriptor(of tag: Tag) async throws -> Descriptor? {
        let reading = try await read(byTag: true, where: { $0 != nil }) { remote, _ in
            try await remote.descriptor(of: tag)
        }
        if reading.value != nil { tell(reading.mirror, of: tag) }
        return reading.value
    }

    /// Makes further tags name a manifest, in the registry itself.
    public func tag(_ digest: Digest, as tags: [Tag]) async throws { try await own.tag(digest, as: tags) }
}

extension MirroredRepository: ReferrerStore {
    /// The referrers that the first place knows which knows any: a mirror may not have them.
    public func referrers(of digest: Digest) async throws -> ReferrersList {
        try await read(where: { !$0.descriptors.isEmpty }) { remote, _ in try await remote.referrers(of: digest) }.value
    }

    /// Makes the registry itself list referrers.
    public func registerReferrers(_ referrers: [Descriptor], for subject: Digest) async throws -> String? {
        try await own.registerReferrers(referrers, for: subject)
    }
}

extension MirroredRepository: ImageRepository {
    /// Whether any place has a blob.
    public func presence(of blob: Digest) async throws -> BlobPresence {
        try await read(where: { $0 != .missing }) { remote, _ in try await remote.presence(of: blob) }.value
    }

    /// Whether any place has a manifest.
    public func holdsManifest(_ digest: Digest) async throws -> Bool {
        try await read(where: { $0 }) { remote, _ in try await remote.holdsManifest(digest) }.value
    }
}

/// All that is written, and what is asked to write: the registry itself.
extension MirroredRepository: ImageDestination {
    /// Whether no image is in the registry itself.
    public func isRepositoryUnknown() async throws -> Bool { try await own.isRepositoryUnknown() }

    /// Whether the registry itself has `blob`.
    public func contains(_ blob: Descriptor) async throws -> Bool? { try await own.contains(blob) }

    /// Whether the registry itself has a manifest.
    public func contains(manifest digest: Digest) async throws -> Bool? { try await own.contains(manifest: digest) }

    /// Whether the registry itself has a manifest under `tag`.
    public func contains(manifest digest: Digest, tag: Tag) async throws -> Bool {
        try await own.contains(manifest: digest, tag: tag)
    }

    /// Uploads a blob to the registry itself.
    public func upload(
        _ blob: Descriptor,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        try await own.upload(blob, from: source, counting: item)
    }

    /// Pushes a manifest to the registry itself.
    public func push(_ manifest: RawManifest, tag: Tag?) async throws { try await own.push(manifest, tag: tag) }
}
