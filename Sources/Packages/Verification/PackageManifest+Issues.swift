import ContainerImage
import ImageStore

/// Verifying `manifest.json` image by image: one bad image doesn't hide the next one's issues.
extension PackageManifest {
    /// The trees that are good, and what is wrong with the others.
    ///
    /// - Parameter absent: What of indexes need not be there.
    func trees(
        path: String,
        without absent: Set<Digest> = [],
        config: (String) throws(ArchiveError) -> [UInt8]?
    ) -> (good: [ImageTree], issues: [PackageIssue]) {
        var trees: [ImageTree] = []
        var issues: [PackageIssue] = []
        for item in items {
            do {
                trees += try PackageManifest(items: [item])
                    .verifiedTrees(path: path, without: absent, config: config)
            } catch {
                let found = Self.issues(
                    of: item,
                    because: error,
                    path: path,
                    without: absent,
                    config: config,
                    depth: 0
                )
                for issue in found where !issues.contains(issue) { issues.append(issue) }
            }
        }
        return (trees, issues)
    }

    /// The layers that the images of the file list, the bad ones' too.
    var listedDigests: Set<String> {
        var digests: Set<String> = []
        func visit(_ index: Index, depth: Int) {
            guard depth <= ImageTree.depthLimit else { return }
            for image in index.images ?? [] { visit(image) }
            for child in index.indexes ?? [] { visit(child, depth: depth + 1) }
        }
        func visit(_ image: Image) {
            digests.formUnion((image.layers ?? []).map(\.digest))
            digests.insert(image.config.digest)
        }
        for item in items {
            if let index = item.imageIndex { visit(index, depth: 0) }
            if let image = item.image { visit(image) }
        }
        return digests
    }

    private static func issues(
        of item: Item,
        because error: ArchiveError,
        path: String,
        without absent: Set<Digest>,
        config: (String) throws(ArchiveError) -> [UInt8]?,
        depth: Int
    ) -> [PackageIssue] {
        var issues: [PackageIssue] = []
        func add(_ issue: PackageIssue) {
            if !issues.contains(issue) { issues.append(issue) }
        }
        func check(_ child: Item) {
            do {
                _ = try PackageManifest(items: [child]).verifiedTrees(path: path, without: absent, config: config)
            } catch {
                let found = Self.issues(
                    of: child,
                    because: error,
                    path: path,
                    without: absent,
                    config: config,
                    depth: depth + 1
                )
                for issue in found { add(issue) }
            }
        }
        if let image = item.image {
            let name = image.refs?.first ?? image.manifest.digest
            if !Self.isDigest(image.manifest.digest, of: Array(image.manifest.raw.utf8)) {
                add(altered("the manifest", image.manifest.digest, in: name))
            }
            let bytes = Array(image.config.raw.utf8)
            if !bytes.isEmpty, !Self.isDigest(image.config.digest, of: bytes) {
                add(altered("the config", image.config.digest, in: name))
            }
            if issues.isEmpty { add(PackageIssue(.manifest, name, reason(error))) }
        } else if let index = item.imageIndex, depth <= ImageTree.depthLimit {
            let name = index.refs?.first ?? index.digest
            if !Self.isDigest(index.digest, of: Array(index.raw.utf8)) {
                add(altered("the index", index.digest, in: name))
            }
            let raw = RawManifest(mediaType: MediaType(index.mediaType), bytes: Array(index.raw.utf8))
            if case .index(let parsed)? = try? raw.parsed() {
                let listed = Set(
                    (index.images ?? []).map(\.manifest.digest) + (index.indexes ?? []).map(\.digest)
                )
                for entry in parsed.manifests
                where !listed.contains(entry.digest.description) && (listed.isEmpty || !absent.contains(entry.digest)) {
                    add(PackageIssue(.missing, name, "it refers to \(entry.digest), which is not in the package"))
                }
            }
            for image in index.images ?? [] { check(Item(imageIndex: nil, image: image)) }
            for child in index.indexes ?? [] { check(Item(imageIndex: child, image: nil)) }
            if issues.isEmpty { add(PackageIssue(.manifest, name, reason(error))) }
        } else {
            add(PackageIssue(.manifest, "manifest.json", reason(error)))
        }
        return issues
    }

    private static func isDigest(_ text: String, of bytes: [UInt8]) -> Bool {
        (try? Digest(text))?.matches(bytes) == true
    }

    private static func altered(_ what: String, _ digest: String, in name: String) -> PackageIssue {
        PackageIssue(.altered, name, "\(what) is altered: it does not match its digest \(digest)")
    }

    private static func reason(_ error: ArchiveError) -> HintedText {
        if case .badManifest(_, let reason) = error { reason } else { "\(error)" }
    }
}
