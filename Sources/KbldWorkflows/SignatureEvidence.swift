import Algorithms
import ContainerImage
import ImageStore
import Packages
import Signatures

/// Where signatures of images are, among what was read with them.
struct SignatureEvidence: Sendable {
    /// A layer that is a signature, or may be one.
    struct Item: Sendable {
        enum Form: Sendable { case payload, attestation, bundle }

        let form: Form
        let layer: Descriptor
        /// The artifact that has it.
        let artifact: DigestReference
        /// What the artifact says that it belongs to; nil where its content alone tells.
        let subject: Digest?
    }

    /// The signatures.
    let items: [Item]
    private let manifests: [Digest: RawManifest]
    private let parents: [Digest: [Digest]]
    private let attached: Set<DigestReference>
    private let roots: [DigestReference]

    /// Looks through `trees` for signatures.
    ///
    /// - Parameter names: The tags that artifacts have, which tell what cosign keeps under them.
    init(_ trees: [ImageTree], names: [TaggedImage]) {
        var manifests: [Digest: RawManifest] = [:]
        var parents: [Digest: Set<Digest>] = [:]
        for node in trees.flatMap(\.all) {
            let digest = node.manifest.digest
            guard manifests.updateValue(node.manifest, forKey: digest) == nil else { continue }
            guard case .index = node, case .index(let index)? = try? node.manifest.parsed() else { continue }
            for entry in index.manifests { parents[entry.digest, default: []].insert(digest) }
        }
        var owners: [String: Digest] = [:]
        if !names.isEmpty {
            for digest in manifests.keys { for tag in Tag.cosign(of: digest) { owners[tag.name] = digest } }
        }
        var subjects: [Digest: Digest] = [:]
        for name in names { if let owner = owners[name.tag.name] { subjects[name.image.digest] = owner } }
        var items: [Item] = []
        var seen: Set<Digest> = []
        var attached: Set<DigestReference> = []
        let nodes = Set(trees.flatMap(\.all).map(\.reference))
        for tree in trees {
            let subject =
                subjects[tree.manifest.digest]
                ?? tree.manifest.referrerDescriptor.flatMap { manifests[$0.subject] == nil ? nil : $0.subject }
            let found = Self.items(in: tree, of: subject)
            let owner = subject.map { DigestReference(repository: tree.reference.repository, digest: $0) }
            if Self.isSignature(tree, found) || (owner.map(nodes.contains) == true && !tree.isRunnable) {
                attached.insert(tree.reference)
            }
            if seen.insert(tree.manifest.digest).inserted { items += found }
        }
        self.manifests = manifests
        self.parents = parents.mapValues { $0.sorted() }
        self.items = items
        self.attached = attached
        roots = trees.map(\.reference)
    }

    /// Whether all that an artifact has are signatures, which none is that is too long.
    private static func isSignature(_ tree: ImageTree, _ found: [Item]) -> Bool {
        !found.isEmpty && found.count == tree.images.first?.parsed.layers.count
            && found.allSatisfy { $0.layer.size <= ImageSignature.sizeLimit }
    }

    /// Whether `manifest` may hold signatures; what else is attached to images isn't needed for the gate.
    private static func items(in tree: ImageTree, of subject: Digest?) -> [Item] {
        guard case .image(let image) = tree else { return [] }
        return image.parsed.layers.compactMap { layer in
            form(of: layer, image.parsed).map {
                Item(form: $0, layer: layer, artifact: image.reference, subject: subject)
            }
        }
    }

    private static func form(of layer: Descriptor, _ manifest: ImageManifest) -> Item.Form? {
        switch layer.mediaType {
        case SimpleSigningPayload.mediaType: .payload
        case DSSEEnvelope.mediaType: .attestation
        case let type where bundleTypes.contains(type): .bundle
        default: manifest.artifactType.map { bundleTypes.contains(MediaType($0)) } == true ? .bundle : nil
        }
    }

    /// The types of bundles, without parameters.
    static let bundleTypes = Set(SigstoreBundle.mediaTypes.map { MediaType($0) })

    /// The images that must be signed: what is named, and all else that isn't attached to something in its repository.
    ///
    /// What can be run is never exempt, whatever it says that it is attached to: anybody can write that.
    func required(naming named: [DigestReference]) -> [DigestReference] {
        Set(named + roots.filter { !attached.contains($0) }).sorted()
    }

    /// The manifest of `digest` and the indexes that lead to it.
    func chain(from digest: Digest) -> [Digest] {
        var chain = [digest]
        var position = 0
        while position < chain.count {
            chain += (parents[chain[position]] ?? []).filter { !chain.contains($0) }
            position += 1
        }
        return chain
    }

    /// All blobs that are signatures, or may be. In a package they come before other layers: who reads a stream judges them
    /// before it takes these.
    static func layers(in trees: [ImageTree], names: [TaggedImage]) -> Set<Digest> {
        layers(of: SignatureEvidence(trees, names: names).items)
    }

    /// The blobs that are read for the images of `required`.
    func layers(for required: [DigestReference]) -> Set<Digest> { Self.layers(of: items(for: required)) }

    /// What is too long is no signature.
    private static func layers(of items: [Item]) -> Set<Digest> {
        Set(items.map(\.layer).filter { $0.size <= ImageSignature.sizeLimit }.map(\.digest))
    }

    private func items(for required: [DigestReference]) -> [Item] {
        let wanted = Set(required.flatMap { chain(from: $0.digest) })
        var counts: [Digest: Int] = [:]
        return items.filter { item in
            guard let subject = item.subject else { return true }
            guard wanted.contains(subject) else { return false }
            counts[subject, default: 0] += 1
            return counts[subject, default: 0] <= ImageSignature.countLimit
        }
    }

    /// Reads the signatures of `required` and of the indexes that lead to them.
    ///
    /// - Throws: What keeps them from being read. What is read and isn't a signature is noted.
    func subjects(
        of required: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int
    ) async throws -> [Digest: SignedSubject] {
        let wanted = Set(required.flatMap { chain(from: $0.digest) })
        var subjects: [Digest: SignedSubject] = [:]
        for digest in wanted {
            subjects[digest] = SignedSubject(digest: digest, manifest: manifests[digest]?.bytes ?? [])
        }
        for (digest, count) in Dictionary(
            items.compactMap { item in item.subject.map { ($0, 1) } },
            uniquingKeysWith: +
        )
        where count > ImageSignature.countLimit {
            subjects[digest]?.problems.append("of \(count) only the first \(ImageSignature.countLimit) are read")
        }
        let read = try await items(for: required).concurrentMap(atMost: limit) { item in
            (item, try await Self.signature(item, from: source(item.artifact.repository)))
        }
        for (item, result) in read {
            switch result {
            case .success(let signature):
                // One for something else is shown with what it is attached to.
                var owners = wanted.intersection(signature.claimedDigests.compactMap { try? Digest($0) })
                if let subject = item.subject { owners.insert(subject) }
                for owner in owners where (subjects[owner]?.signatures.count ?? 0) < ImageSignature.countLimit {
                    subjects[owner]?.signatures.append(signature)
                }
            case .failure(let problem):
                if let subject = item.subject {
                    subjects[subject]?.problems.append("\(item.artifact.digest): \(problem)")
                }
            }
        }
        return subjects
    }

    private static func signature(
        _ item: Item,
        from source: any ImageSource
    ) async throws -> Result<ImageSignature, SignatureContentError> {
        let bytes: [UInt8]
        do {
            bytes = try await source.bytes(of: item.layer, limit: ImageSignature.sizeLimit)
        } catch {
            if error is BlobError { return .failure(SignatureContentError(unreadable: error)) }
            // A delta may have been made without thinking of signatures.
            if case .omitted? = error as? ArchiveError { return .failure(SignatureContentError(unreadable: error)) }
            throw error
        }
        do throws(SignatureContentError) {
            switch item.form {
            case .payload: return .success(try ImageSignature(payload: bytes, annotations: item.layer.annotations))
            case .attestation:
                return .success(try ImageSignature(attestation: bytes, annotations: item.layer.annotations))
            case .bundle: return .success(try ImageSignature(bundle: bytes))
            }
        } catch {
            return .failure(error)
        }
    }
}
