import ContainerImage
import FoundationEssentials
import ImageStore

/// Reading `manifest.json`, and making sure that it is what it claims to be.
extension PackageManifest {
    /// Decodes the entry's bytes.
    ///
    /// - Throws: `ArchiveError.badManifest` when they aren't of the form.
    init(decoding bytes: [UInt8], path: String) throws(ArchiveError) {
        guard JSONNesting.isWithinLimit(bytes) else {
            throw .badManifest(path: path, reason: "it is nested more than \(JSONNesting.limit) deep")
        }
        do throws(JSONAmbiguityError) {
            try Self.shape.check(bytes)
        } catch {
            throw .badManifest(path: path, reason: "\(error)")
        }
        do {
            guard let elements = JSONText.elements(of: bytes) else {
                // The original writes null for a package without images.
                items = try JSONDecoder().decode([Item]?.self, from: Data(bytes)) ?? []
                return
            }
            // One by one: a decoder needs several times the memory of what it decodes.
            items = try elements.map { try JSONDecoder().decode(Item.self, from: Data(bytes[$0])) }
        } catch {
            throw .badManifest(path: path, reason: "it is not a valid package manifest (\(Self.explain(error)))")
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.debugDescription
        default: "\(error)"
        }
    }

    /// The trees of images that the package holds. The texts match their digests, and what stands around them in the
    /// file agrees with them.
    ///
    /// - Parameters:
    ///   - absent: What of indexes need not be there.
    ///   - config: The bytes of a config's own entry, nil if there is none.
    /// - Throws: `ArchiveError.badManifest` naming the image that is not as it should be.
    func verifiedTrees(
        path: String,
        without absent: Set<Digest> = [],
        config: (String) throws(ArchiveError) -> [UInt8]? = { _ throws(ArchiveError) in nil }
    ) throws(ArchiveError) -> [ImageTree] {
        var copy = self
        return try copy.takeTrees(path: path, without: absent, config: config)
    }

    /// The same, and the texts are let go of one by one: the trees have them.
    mutating func takeTrees(
        path: String,
        without absent: Set<Digest> = [],
        config: (String) throws(ArchiveError) -> [UInt8]? = { _ throws(ArchiveError) in nil }
    ) throws(ArchiveError) -> [ImageTree] {
        var trees: [ImageTree] = []
        for position in items.indices {
            switch (items[position].imageIndex, items[position].image) {
            case (let index?, nil):
                let branch = try Self.verified(index, path: path, without: absent, config: config, depth: 0)
                trees.append(.index(branch))
            case (nil, let image?): trees.append(.image(try Self.verified(image, path: path, config: config)))
            default:
                throw .badManifest(path: path, reason: "element \(position) must have either ImageIndex or Image")
            }
            items[position].image?.dropTexts()
            items[position].imageIndex?.dropTexts()
        }
        return trees
    }

    private static func verified(
        _ index: Index,
        path: String,
        without absent: Set<Digest>,
        config: (String) throws(ArchiveError) -> [UInt8]?,
        depth: Int
    ) throws(ArchiveError) -> IndexNode {
        guard depth <= ImageTree.depthLimit else {
            throw .badManifest(path: path, reason: "indexes are nested more than \(ImageTree.depthLimit) deep")
        }
        let raw = try manifest(index.raw, index.mediaType, digest: index.digest, path: path)
        let reference = try reference(index.refs, digest: raw.digest, path: path)
        guard case .index(let parsed) = try parsed(raw, path: path) else {
            throw .badManifest(path: path, reason: "\(reference) is listed as an index but is an image")
        }
        var children: [Digest: ImageTree] = [:]
        for child in index.indexes ?? [] {
            let branch = try verified(child, path: path, without: absent, config: config, depth: depth + 1)
            children[branch.manifest.digest] = .index(branch)
        }
        for child in index.images ?? [] {
            let leaf = try verified(child, path: path, config: config)
            children[leaf.manifest.digest] = .image(leaf)
        }
        var ordered: [ImageTree] = []
        var missing: [Descriptor] = []
        for entry in parsed.manifests {
            guard let child = children[entry.digest] else {
                if absent.contains(entry.digest), !children.isEmpty {
                    missing.append(entry)
                    continue
                }
                throw .badManifest(
                    path: path,
                    reason: "\(reference) refers to \(entry.digest), which is not in the package"
                )
            }
            ordered.append(child)
        }
        guard Set(parsed.manifests.map(\.digest)).isSuperset(of: children.keys) else {
            throw .badManifest(path: path, reason: "\(reference) is listed with entries that it does not have")
        }
        var branch = IndexNode(reference: reference, manifest: raw, children: ordered)
        branch.absent = missing
        guard ImageTree.index(branch).isWithinCountLimit else {
            throw .badManifest(path: path, reason: "\(reference) refers to more than \(ImageTree.countLimit) images")
        }
        return branch
    }

    private static func verified(
        _ image: Image,
        path: String,
        config entry: (String) throws(ArchiveError) -> [UInt8]?
    ) throws(ArchiveError) -> ImageNode {
        let raw = try manifest(image.manifest.raw, image.manifest.mediaType, digest: image.manifest.digest, path: path)
        let reference = try reference(image.refs, digest: raw.digest, path: path)
        guard case .image(let parsed) = try parsed(raw, path: path) else {
            throw .badManifest(path: path, reason: "\(reference) is listed as an image but is an index")
        }
        var config = Array(image.config.raw.utf8)
        if config.isEmpty, parsed.config.size > 0, let bytes = try entry(image.config.digest) { config = bytes }
        guard Int64(config.count) == parsed.config.size, parsed.config.digest.matches(config) else {
            throw .badManifest(
                path: path,
                reason: "the config of \(reference) is altered: it does not match its digest \(parsed.config.digest)"
            )
        }
        let listed = (image.layers ?? []).map(\.digest)
        guard listed == parsed.layers.map(\.digest.description),
            (image.layers ?? []).map(\.size) == parsed.layers.map(\.size)
        else {
            throw .badManifest(path: path, reason: "the layers listed for \(reference) are not those of its manifest")
        }
        return ImageNode(reference: reference, manifest: raw, parsed: parsed, config: config)
    }

    private static func manifest(
        _ text: String,
        _ mediaType: String,
        digest: String,
        path: String
    ) throws(ArchiveError) -> RawManifest {
        let algorithm = (try? Digest(digest))?.algorithm ?? .sha256
        let raw = RawManifest(mediaType: MediaType(mediaType), bytes: Array(text.utf8), by: algorithm)
        guard raw.digest.description == digest else {
            throw .badManifest(path: path, reason: "a manifest is altered: it does not match its digest \(digest)")
        }
        return raw
    }

    private static func parsed(_ raw: RawManifest, path: String) throws(ArchiveError) -> ContainerImage.Manifest {
        do {
            return try raw.parsed()
        } catch {
            throw .badManifest(path: path, reason: "\(error)")
        }
    }

    private static func reference(_ refs: [String]?, digest: Digest, path: String) throws(ArchiveError)
        -> DigestReference
    {
        guard let text = refs?.first else {
            throw .badManifest(path: path, reason: "\(digest) is listed without a reference")
        }
        do {
            let reference = try DigestReference(text)
            guard reference.digest == digest else {
                throw ArchiveError.badManifest(path: path, reason: "\(text) is listed with the manifest of \(digest)")
            }
            return reference
        } catch let error as ArchiveError {
            throw error
        } catch {
            throw .badManifest(path: path, reason: "\(error)")
        }
    }
}

extension PackageManifest.Image {
    fileprivate mutating func dropTexts() {
        config.raw = ""
        manifest.raw = ""
        layers = nil
    }
}

extension PackageManifest.Index {
    fileprivate mutating func dropTexts() {
        raw = ""
        for position in images?.indices ?? 0..<0 { images?[position].dropTexts() }
        for position in indexes?.indices ?? 0..<0 { indexes?[position].dropTexts() }
    }
}
