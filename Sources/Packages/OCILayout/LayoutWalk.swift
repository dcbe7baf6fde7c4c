import ContainerImage
import ImageStore

/// Goes through all that a layout's index leads to, and notes what isn't as it must be. Reading a layout and verifying it
/// both use this, so that they agree.
///
/// An archive of some platforms names the others too: what such an index leads to and isn't there is a warning.
/// Where kbld wrote the entry everything was there, but for what it noted.
struct LayoutWalk {
    private(set) var findings: [PackageIssue] = []
    /// What is stated wrongly and does no harm: the sizes that indexes give for manifests.
    private(set) var contradictions: [PackageIssue] = []
    /// The images and indexes that are good, once for each repository.
    private(set) var trees: [ImageTree] = []
    /// The tags of `index.json`.
    private(set) var names: [ImageReference: Digest] = [:]
    /// What kbld noted.
    private(set) var metadata = PackageMetadata()
    /// The files that are referred to.
    private(set) var needed: Set<String> = []
    /// The layers that are there, each once.
    private(set) var layers: [(place: FileSlice, digest: Digest?)] = []
    /// Which image needs what.
    private(set) var ledger = ImageLedger()
    /// The digest of `index.json`; of nothing where it can't be read.
    private(set) var indexDigest = Digest(of: [])
    let files: any LayoutFiles

    private var known: [Node: Found] = [:]
    private var reported: Set<PackageIssue> = []
    private var hashed: Set<String> = []
    /// What kbld noted that isn't there.
    private var absentDigests: Set<Digest> = []
    /// Whether there is a layer that isn't distributable.
    private var hasForeignLayers = false
    /// How many bytes of manifests and configs are in memory.
    private var readBytes: Int64 = 0

    private struct Node: Hashable {
        let reference: DigestReference
        let isWhole: Bool
    }

    /// What came of reading a manifest.
    private enum Found {
        case tree(ImageTree, height: Int, count: Int)
        /// It, or what it leads to, is bad; findings tell why.
        case bad
        /// It isn't there, or isn't an image's, and needn't be.
        case absent
    }

    /// Walks through `files`.
    ///
    /// - Throws: `CancellationError`.
    init(_ files: any LayoutFiles) throws {
        self.files = files
        do {
            try LayoutReader.checkVersion(files)
        } catch {
            add(.manifest, "oci-layout", Self.reason(error))
        }
        do {
            let index = try LayoutIndex(of: files)
            indexDigest = index.digest
            try walk(index)
        } catch let error as ArchiveError {
            add(.manifest, "index.json", Self.reason(error))
        }
        for problem in metadata.problems(for: trees) { add(.manifest, "index.json", HintedText(problem)) }
        metadata = metadata.bearing(on: trees)
        if hasForeignLayers { trees.includeNonDistributable(LayoutBlobs(files: files).holds) }
    }

    private mutating func walk(_ index: LayoutIndex) throws {
        let annotations = LayoutNames(path: files.path)
        metadata = try index.metadata(path: files.path)
        absentDigests = metadata.absentDigests
        for problem in index.problems { add(.manifest, "index.json", HintedText(problem)) }
        for digest in index.passedOver {
            add(.unknown, "index.json", "its entry \(digest) has an unknown digest algorithm and is ignored")
        }
        var count = 0
        var seen: Set<DigestReference> = []
        for descriptor in index.manifests {
            let name = annotations.reference(of: descriptor)
            let reference = DigestReference(repository: name.repository, digest: descriptor.digest)
            let isFirst = seen.insert(reference).inserted
            // kbld names what it writes so, and writes all of it; nor is the end of a file lost on purpose.
            let isKbld = descriptor.annotations?[LayoutNames.referenceName]?.hasPrefix("kbld-sha") == true
            switch try found(descriptor, as: reference, isWhole: isKbld || !files.isWhole, depth: 0) {
            case .tree(let tree, _, let size):
                if case .tag = name { names[name] = descriptor.digest }
                count += size
                guard count <= [ImageTree].countLimit else {
                    return add(.manifest, "index.json", "its entries refer to too many images")
                }
                if isFirst { trees.append(tree) }
                if isFirst { ledger.addRoot(reference.description, descriptor.digest.description) }
            case .bad:
                if isFirst { ledger.addRoot(reference.description, descriptor.digest.description) }
            case .absent: break
            }
        }
    }

    private mutating func found(
        _ descriptor: Descriptor,
        as reference: DigestReference,
        isWhole: Bool,
        depth: Int
    ) throws -> Found {
        try Task.checkCancellation()
        let node = Node(reference: reference, isWhole: isWhole)
        if let found = known[node] {
            if case .tree(_, let height, _) = found, depth + height > ImageTree.depthLimit {
                return tooMany(descriptor)
            }
            return found
        }
        guard depth <= ImageTree.depthLimit, known.count < ImageTree.countLimit else { return tooMany(descriptor) }
        let found = try read(descriptor, as: reference, isWhole: isWhole, depth: depth)
        known[node] = found
        return found
    }

    private mutating func tooMany(_ descriptor: Descriptor) -> Found {
        add(.manifest, LayoutBlobs.name(of: descriptor.digest), "its indexes are nested too deep, or too many")
        return .bad
    }

    private mutating func read(
        _ descriptor: Descriptor,
        as reference: DigestReference,
        isWhole: Bool,
        depth: Int
    ) throws -> Found {
        let name = LayoutBlobs.name(of: descriptor.digest)
        let isImage = descriptor.mediaType.isImageManifest || descriptor.mediaType.isIndex
        if !isWhole || !isImage || absentDigests.contains(descriptor.digest), isMissing(name) {
            add(.absent, name, "\(Self.words(descriptor)) is listed but not included")
            return .absent
        }
        ledger.addNode(descriptor.digest.description, names: [name])
        guard let place = place(of: descriptor, isManifest: true) else { return .bad }
        let isTooLarge = place.size > Int64(RawManifest.sizeLimit)
        if isTooLarge, !isImage { return passOver(place, descriptor) }
        guard let bytes = bytes(at: place, of: descriptor) else { return .bad }
        let manifest = LayoutBlobs.manifest(bytes, by: descriptor.digest.algorithm)
        let parsed: Manifest
        do {
            parsed = try manifest.parsed()
        } catch {
            if !isImage { return passOver(place, descriptor) }
            add(.manifest, name, "\(error)")
            return .bad
        }
        switch parsed {
        case .image(let image):
            let blobs = [image.config] + image.layers
            ledger.addNode(
                descriptor.digest.description,
                names: [name] + blobs.map { LayoutBlobs.name(of: $0.digest) }
            )
            let config = self.place(of: image.config).flatMap {
                self.bytes(at: $0, of: image.config, limit: ImageConfig.sizeLimit)
            }
            for layer in image.layers { check(layer) }
            hasForeignLayers = hasForeignLayers || !image.layers.allSatisfy(\.mediaType.isDistributable)
            guard let config else { return .bad }
            let leaf = ImageNode(reference: reference, manifest: manifest, parsed: image, config: config)
            return .tree(.image(leaf), height: 0, count: 1)
        case .index(let index):
            ledger.addNode(
                descriptor.digest.description,
                names: [name],
                children: index.manifests.map { ($0.digest.description, $0.platform) }
            )
            return try branch(of: index, manifest, as: reference, isWhole: isWhole, depth: depth)
        }
    }

    private mutating func branch(
        of index: ImageIndex,
        _ manifest: RawManifest,
        as reference: DigestReference,
        isWhole: Bool,
        depth: Int
    ) throws -> Found {
        var branch = IndexNode(reference: reference, manifest: manifest, children: [])
        var (height, count, isGood) = (0, 1, true)
        for entry in index.manifests {
            let child = DigestReference(repository: reference.repository, digest: entry.digest)
            switch try found(entry, as: child, isWhole: isWhole, depth: depth + 1) {
            case .tree(let tree, let childHeight, let childCount):
                branch.children.append(tree)
                height = max(height, childHeight)
                count += childCount
            case .absent: branch.absent.append(entry)
            case .bad: isGood = false
            }
            guard count <= ImageTree.countLimit else { return tooMany(manifest.descriptor) }
        }
        guard isGood else { return .bad }
        return .tree(.index(branch), height: height + 1, count: count)
    }

    /// Something that isn't an image: its bytes are verified, and nothing is made of it.
    private mutating func passOver(_ place: FileSlice, _ descriptor: Descriptor) -> Found {
        if hashed.insert(place.name).inserted { layers.append((place, descriptor.digest)) }
        add(.unknown, place.name, "its type '\(descriptor.mediaType)' is not that of an image; it is ignored")
        return .absent
    }

    private func isMissing(_ name: String) -> Bool {
        do { return try files.place(of: name) == nil } catch { return false }
    }

    /// The place of a blob, when it is there.
    private mutating func place(of blob: Descriptor, isManifest: Bool = false) -> FileSlice? {
        let name = LayoutBlobs.name(of: blob.digest)
        needed.insert(name)
        do {
            guard let place = try files.place(of: name) else {
                guard blob.mediaType.isDistributable else { return nil }
                add(.missing, name, "the blob is missing")
                return nil
            }
            guard place.size != blob.size else { return place }
            let issue = PackageIssue(
                .size,
                name,
                "it has \(place.size) bytes, but the manifest says \(blob.size)",
                isPassedOver: isManifest
            )
            guard reported.insert(issue).inserted else { return place }
            if isManifest { contradictions.append(issue) } else { findings.append(issue) }
            return place
        } catch {
            add(.structure, name, Self.reason(error))
            return nil
        }
    }

    /// The bytes of a manifest or config, when they are those of its digest.
    private mutating func bytes(
        at place: FileSlice,
        of blob: Descriptor,
        limit: Int = RawManifest.sizeLimit
    ) -> [UInt8]? {
        guard place.size <= Int64(limit) else {
            add(.size, place.name, "it has \(place.size) bytes, too many for a manifest or config")
            return nil
        }
        readBytes = readBytes.addingUpToLimit(place.size)
        guard readBytes <= ImageTree.bytesLimit else {
            add(.size, place.name, "with it, manifests and configs exceed \(ByteCount(ImageTree.bytesLimit))")
            return nil
        }
        do {
            let bytes = try place.file.bytes(at: place.offset, count: Int(place.size), entry: place.name)
            let digest = Digest(of: bytes, by: blob.digest.algorithm)
            guard digest != blob.digest else { return bytes }
            add(.altered, place.name, "digest mismatch: content is \(digest)")
        } catch {
            add(.structure, place.name, Self.reason(error))
        }
        return nil
    }

    private mutating func check(_ layer: Descriptor) {
        guard let place = place(of: layer), hashed.insert(place.name).inserted else { return }
        layers.append((place, layer.digest))
    }

    private mutating func add(_ kind: PackageIssue.Kind, _ subject: String, _ message: HintedText) {
        let issue = PackageIssue(kind, subject, message)
        if reported.insert(issue).inserted { findings.append(issue) }
    }

    /// The reason alone: the path and the entry are said beside it.
    private static func reason(_ error: ArchiveError) -> HintedText {
        if case .damaged(_, _, let reason) = error { reason } else { "\(error)" }
    }

    /// What an entry is, for those who miss it.
    static func words(_ descriptor: Descriptor) -> String {
        descriptor.platform.map { "the image for \($0)" } ?? "the image \(descriptor.digest)"
    }
}
