import ContainerImage
import FoundationEssentials
import ImageStore
import PackageArchive

extension PackageVerification {
    /// Verifies an OCI image layout (OCI image specification 1.1, "Image Layout").
    ///
    /// - Parameter entryNames: The names of all files there are.
    mutating func verifyLayout(
        _ files: any LayoutFiles,
        names entryNames: [String],
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        var walk = LayoutWalk(files)
        do {
            try LayoutReader.checkVersion(files)
        } catch {
            findings.append(PackageFault(.manifest, "oci-layout", "\(error)"))
        }
        do {
            let index = try LayoutReader.index(of: files)
            let annotations = LayoutNames(path: path)
            recorded = try index.notes(path: path)
            for descriptor in index.manifests {
                let reference = annotations.reference(of: descriptor)
                if case .tag = reference { names[reference] = descriptor.digest }
                if let tree = try walk.tree(of: descriptor, in: reference.repository) { trees.append(tree) }
            }
        } catch let error as ArchiveError {
            findings.append(PackageFault(.manifest, "index.json", "\(error)"))
        }
        trees.takeAlong(LayoutBlobs(files: files).holds)
        findings += walk.findings
        for name in entryNames where name.hasPrefix("blobs/") && !walk.needed.contains(name) {
            findings.append(PackageFault(.unknown, name, "no image of the package refers to it"))
        }
        try await hash(walk.layers, atMost: limit, progress: progress)
    }
}

/// Goes through all that an index leads to, and notes what isn't as it must be.
private struct LayoutWalk {
    private(set) var findings: [PackageFault] = []
    /// The files that are referred to.
    private(set) var needed: Set<String> = []
    /// The layers that are there, each once.
    private(set) var layers: [(place: FilePlace, digest: Digest?)] = []
    private let files: any LayoutFiles
    private var known: [DigestReference: ImageTree?] = [:]

    init(_ files: any LayoutFiles) { self.files = files }

    /// The image or index of `descriptor`; nil when it, or what it leads to, is bad.
    mutating func tree(of descriptor: Descriptor, in repository: Repository, depth: Int = 0) throws -> ImageTree? {
        try Task.checkCancellation()
        let reference = DigestReference(repository: repository, digest: descriptor.digest)
        if let tree = known[reference] { return tree }
        guard depth <= ImageTree.depthLimit, known.count < ImageTree.countLimit else {
            findings.append(PackageFault(.manifest, "\(descriptor.digest)", "indexes lead to too many others"))
            return nil
        }
        let tree = try readTree(of: descriptor, as: reference, depth: depth)
        known[reference] = .some(tree)
        return tree
    }

    private mutating func readTree(
        of descriptor: Descriptor,
        as reference: DigestReference,
        depth: Int
    ) throws -> ImageTree? {
        guard let bytes = bytes(of: descriptor) else { return nil }
        let manifest = LayoutBlobs.manifest(bytes, by: descriptor.digest.algorithm)
        let parsed: Manifest
        do {
            parsed = try manifest.parsed()
        } catch {
            findings.append(PackageFault(.manifest, LayoutBlobs.name(of: descriptor.digest), "\(error)"))
            return nil
        }
        switch parsed {
        case .image(let image):
            let config = self.bytes(of: image.config)
            for layer in image.layers { check(layer) }
            guard let config else { return nil }
            return .image(ImageLeaf(reference: reference, manifest: manifest, parsed: image, config: config))
        case .index(let index):
            let children: [ImageTree?] = try index.manifests.map {
                try tree(of: $0, in: reference.repository, depth: depth + 1)
            }
            let good = children.compactMap { $0 }
            guard good.count == children.count else { return nil }
            return .index(ImageBranch(reference: reference, manifest: manifest, children: good))
        }
    }

    /// The place of a blob, when it is there.
    private mutating func place(of blob: Descriptor) -> FilePlace? {
        let name = LayoutBlobs.name(of: blob.digest)
        needed.insert(name)
        do {
            guard let place = try files.place(of: name) else {
                guard blob.mediaType.isDistributable else { return nil }
                add(PackageFault(.missing, name, "the blob is missing"))
                return nil
            }
            guard place.size != blob.size else { return place }
            add(PackageFault(.size, name, "it has \(place.size) bytes where a manifest says \(blob.size)"))
            return place
        } catch {
            add(PackageFault(.structure, name, "\(error)"))
            return nil
        }
    }

    /// The bytes of a manifest or config, when they are those of its digest.
    private mutating func bytes(of blob: Descriptor) -> [UInt8]? {
        guard let place = place(of: blob) else { return nil }
        guard place.size <= Int64(RawManifest.sizeLimit) else {
            add(PackageFault(.size, place.name, "it has \(place.size) bytes, more than a manifest or config may"))
            return nil
        }
        do {
            let bytes = try place.file.bytes(at: place.offset, count: Int(place.size), entry: place.name)
            let digest = Digest(of: bytes, by: blob.digest.algorithm)
            guard digest != blob.digest else { return bytes }
            add(PackageFault(.altered, place.name, "its bytes are other ones: their digest is \(digest)"))
        } catch {
            add(PackageFault(.structure, place.name, "\(error)"))
        }
        return nil
    }

    private mutating func check(_ layer: Descriptor) {
        let isKnown = needed.contains(LayoutBlobs.name(of: layer.digest))
        guard let place = place(of: layer), !isKnown else { return }
        layers.append((place, layer.digest))
    }

    private mutating func add(_ fault: PackageFault) {
        if !findings.contains(fault) { findings.append(fault) }
    }
}
