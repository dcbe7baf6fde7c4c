public import ContainerImage
public import ImageStore
import NIOCore

/// A repository of a ``MemoryStore``.
public struct MemoryRepository: Sendable {
    let store: MemoryStore
    /// Its name.
    public let repository: Repository

    /// What it holds. Changing it is no request.
    public var content: MemoryStore.Content {
        get { store.content(of: repository) }
        nonmutating set { store.change(repository) { $0 = newValue } }
    }

    /// Puts an image here, by no request.
    @discardableResult
    public func put(_ image: SampleImage, tag: String? = nil) -> DigestReference {
        store.change(repository) { $0.blobs.merge(image.blobs) { first, _ in first } }
        return put(image.manifest, tag: tag)
    }

    /// Puts an index here with all that it leads to, by no request.
    @discardableResult
    public func put(_ index: SampleIndex, tag: String? = nil) -> DigestReference {
        for image in index.images { put(image) }
        for index in index.indexes { put(index) }
        return put(index.manifest, tag: tag)
    }

    /// Puts a manifest here, whatever is in it, by no request; what it refers to lists it.
    @discardableResult
    public func put(_ manifest: RawManifest, tag: String? = nil) -> DigestReference {
        store.change(repository) { content in
            content.manifests[manifest.digest] = manifest
            if let tag { content.tags[tag] = manifest.digest }
            if let referrer = manifest.referrerDescriptor {
                content.referrers[referrer.subject, default: []].append(referrer.descriptor)
            }
        }
        return DigestReference(repository: repository, digest: manifest.digest)
    }

    private func note(
        _ action: MemoryStore.Action,
        _ subject: some CustomStringConvertible
    ) throws(MemoryStoreError) -> (content: MemoryStore.Content, faults: MemoryStore.Faults) {
        try store.note(action, subject.description, in: repository)
    }

    private func error(
        _ subject: some CustomStringConvertible,
        _ reason: MemoryStoreError.Reason
    ) -> MemoryStoreError {
        MemoryStoreError("\(repository): \(subject)", reason)
    }
}

extension MemoryRepository: ImageSource {
    /// What to call it in messages.
    public var name: String { repository.description }
    /// Itself.
    public var origin: Repository? { repository }

    /// A manifest, as long as it can be used.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        guard let manifest = try note(.readManifest, digest).content.manifests[digest] else {
            throw error(digest, .absent)
        }
        do {
            _ = try manifest.parsed()
        } catch {
            throw self.error(digest, .unusable(error))
        }
        return manifest
    }

    /// A blob, as far as it goes.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        let (content, faults) = try note(.readBlob, blob.digest)
        guard let bytes = content.blobs[blob.digest] else { throw error(blob.digest, .absent) }
        let end = min(faults.breakage[blob.digest] ?? bytes.count, bytes.count)
        let failure = faults.breakage[blob.digest].map { _ in error(blob.digest, .outage) }
        return BlobBody(pieces: bytes[min(Int(offset), end)..<end], throwing: failure)
    }
}

extension MemoryRepository: ImageDestination {
    /// Whether no manifest is here.
    public func isRepositoryUnknown() async throws -> Bool {
        try note(.askRepository, repository).content.manifests.isEmpty
    }

    /// Whether a blob of this digest and size is here, or claimed to be.
    public func contains(_ blob: Descriptor) async throws -> Bool? {
        let (content, faults) = try note(.askBlob, blob.digest)
        if faults.isSilent { return nil }
        if faults.claimedBlobs.contains(blob.digest) { return true }
        return content.blobs[blob.digest].map { Int64($0.count) == blob.size } ?? false
    }

    /// Whether a manifest is here.
    public func contains(manifest digest: Digest) async throws -> Bool? {
        let (content, faults) = try note(.askManifest, digest)
        return faults.isSilent ? nil : content.manifests[digest] != nil
    }

    /// Whether a tag names a manifest.
    public func contains(manifest digest: Digest, tag: Tag) async throws -> Bool {
        try note(.askTag, tag).content.tags[tag.name] == digest
    }

    /// Takes a blob over from another repository of the registry where it can, else its bytes.
    public func upload(
        _ blob: Descriptor,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        let faults = store.faults
        if let origin = source.origin, origin.registry == repository.registry, origin != repository,
            !faults.refusesMounts
        {
            let taken = store.content(of: origin).blobs[blob.digest]
            if taken != nil || faults.losesMounts {
                _ = try note(.mount, blob.digest)
                if !faults.losesMounts { store.change(repository) { $0.blobs[blob.digest] = taken } }
                return
            }
        }
        _ = try note(.upload, blob.digest)
        guard !faults.isUploadRefused else { throw error(blob.digest, .denied) }
        if !source.isVerified { store.noteHash(of: blob.digest) }
        var bytes: [UInt8] = []
        let body = try await source.content(of: blob, from: 0)
            .verified(as: blob, hashing: !source.isVerified, counting: item)
        for try await piece in body {
            bytes.append(contentsOf: piece.readableBytesView)
        }
        store.change(repository) { $0.blobs[blob.digest] = bytes }
    }

    /// Takes a manifest when all that it refers to is here.
    public func push(_ manifest: RawManifest, tag: Tag?) async throws {
        let (content, faults) = try note(.push, manifest.digest)
        guard !faults.refusedManifests.contains(manifest.digest) else { throw error(manifest.digest, .denied) }
        guard !faults.silentManifests.contains(manifest.digest) else { throw error(manifest.digest, .outage) }
        let isWhole =
            switch try manifest.parsed() {
            case .image(let image):
                ([image.config] + image.layers.filter(\.mediaType.isDistributable)).allSatisfy {
                    content.blobs[$0.digest] != nil
                }
            case .index(let index):
                faults.takesSparseIndexes || index.manifests.allSatisfy { content.manifests[$0.digest] != nil }
            }
        guard isWhole else { throw error(manifest.digest, .lacksContent) }
        store.change(repository) { content in
            content.manifests[manifest.digest] = manifest
            if let tag { content.tags[tag.name] = manifest.digest }
        }
    }
}

extension MemoryRepository: TagStore {
    /// All tags.
    public func tags() async throws -> [String] {
        let (content, faults) = try note(.listTags, repository)
        guard !faults.deniedLists.contains(repository) else { throw error("tags", .denied) }
        return content.tags.keys.sorted()
    }

    /// What a tag names.
    public func resolve(_ tag: Tag) async throws -> Descriptor {
        guard let found = try await descriptor(of: tag) else { throw error(tag, .absent) }
        return found
    }

    /// What a tag names; nil where there is none.
    public func descriptor(of tag: Tag) async throws -> Descriptor? {
        let (content, faults) = try note(.resolve, tag)
        guard !faults.deniesNames else { throw error(tag, .denied) }
        return content.tags[tag.name].flatMap { content.manifests[$0]?.descriptor }
    }

    /// Makes tags name a manifest.
    public func tag(_ digest: Digest, as tags: [Tag]) async throws {
        let manifest = try await manifest(digest)
        for tag in tags { try await push(manifest, tag: tag) }
    }
}

extension MemoryRepository: ReferrerStore {
    /// What is listed as referring to a manifest.
    public func referrers(of digest: Digest) async throws -> ReferrersList {
        let (content, faults) = try note(.listReferrers, digest)
        guard !faults.deniesNames else { return ReferrersList(refusal: error("referrers of \(digest)", .denied)) }
        return ReferrersList(content.referrers[digest] ?? [])
    }

    /// Replaces what is listed.
    public func registerReferrers(_ referrers: [Descriptor], for subject: Digest) async throws -> String? {
        let (_, faults) = try note(.registerReferrers, subject)
        if let remark = faults.registrationRemark { return remark }
        store.change(repository) { $0.referrers[subject] = referrers }
        return nil
    }
}

extension MemoryRepository: ContentRemoval {
    /// Deletes a tag.
    public func remove(_ tag: Tag) async throws -> RemovalOutcome {
        let (content, faults) = try note(.remove, tag)
        guard !faults.keepsTags, !faults.deletesNothing else { return .unsupported }
        guard let digest = content.tags[tag.name] else { return .absent }
        if faults.deletesImagesOfTags { return try await remove(manifest: digest) }
        store.change(repository) { $0.tags[tag.name] = nil }
        return .removed
    }

    /// Deletes a manifest, with its tags.
    public func remove(manifest digest: Digest) async throws -> RemovalOutcome {
        let (content, faults) = try note(.remove, digest)
        guard !faults.deletesNothing else { return .unsupported }
        guard content.manifests[digest] != nil else { return .absent }
        store.change(repository) { content in
            content.manifests[digest] = nil
            content.tags = content.tags.filter { $0.value != digest }
        }
        return .removed
    }
}

extension MemoryRepository: ImageRepository {
    /// Whether a blob is here, or claimed to be, and its size.
    public func presence(of blob: Digest) async throws -> BlobPresence {
        let (content, faults) = try note(.askBlob, blob)
        if let bytes = content.blobs[blob] { return .present(size: faults.isSilent ? nil : Int64(bytes.count)) }
        return faults.claimedBlobs.contains(blob) ? .present(size: nil) : .missing
    }
}
