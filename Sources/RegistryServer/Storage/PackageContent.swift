public import ContainerImage
public import ImageStore
import NIOCore
public import Packages

/// The images of packages as they lie in their files, under the repositories that they come from.
///
/// `docker.io/library/nginx` is there as `library/nginx` and as `docker.io/library/nginx`, and for who asks on behalf of
/// `docker.io`. The tags are those of arrival, `kbld-sha256-<hex>`, those that a package records, and those that are given.
public struct PackageContent: RegistryContent {
    private let packages: [any ImagePackage]
    private let contents: [String: RepositoryContents]
    private let names: [String]
    private let places: [Digest: Place]
    private let verified: VerifiedBlobs?

    private struct Place {
        let package: Int
        let blob: Descriptor
    }

    /// Creates the content of `packages`.
    ///
    /// - Parameters:
    ///   - tags: Tags that their images have beside those that the packages record. What isn't there has none.
    ///   - verifies: Whether the bytes of a blob are compared with its digest before the first of them is given.
    public init(_ packages: [any ImagePackage], tags: [TaggedImage] = [], verifying verifies: Bool = false) async {
        verified = verifies ? VerifiedBlobs() : nil
        var contents: [Repository: RepositoryContents] = [:]
        var places: [Digest: Place] = [:]
        for (position, package) in packages.enumerated() {
            let omitted = package.metadata.omittedDigests
            for tree in package.trees {
                contents[tree.reference.repository, default: RepositoryContents()].add(tree)
                for leaf in tree.images {
                    for blob in [leaf.parsed.config] + leaf.parsed.layers where places[blob.digest] == nil {
                        guard !omitted.contains(blob.digest), await Self.holds(blob, package) else { continue }
                        places[blob.digest] = Place(package: position, blob: blob)
                    }
                }
            }
            let trees = Dictionary(package.trees.map { ($0.manifest.digest, $0) }) { first, _ in first }
            for case (.tag(let repository, let tag), let digest) in package.names {
                guard let tree = trees[digest] else { continue }
                contents[repository, default: RepositoryContents()].add(tree)
                contents[repository]?.tag(tag.name, digest)
            }
            for tagged in package.metadata.tags ?? [] {
                contents[tagged.image.repository]?.tag(tagged.tag.name, tagged.image.digest)
            }
        }
        if !tags.isEmpty {
            let trees = Dictionary(packages.flatMap(\.trees).map { ($0.manifest.digest, $0) }) { first, _ in first }
            for tagged in tags {
                guard let tree = trees[tagged.image.digest] else { continue }
                contents[tagged.image.repository, default: RepositoryContents()].add(tree)
                contents[tagged.image.repository]?.tag(tagged.tag.name, tagged.image.digest)
            }
        }
        for repository in contents.keys { contents[repository]?.keep { places[$0] != nil } }
        var named: [String: RepositoryContents] = [:]
        for (path, group) in Dictionary(grouping: contents.keys, by: \.path) {
            for repository in group.sorted() {
                guard let content = contents[repository] else { continue }
                named[path, default: RepositoryContents()].merge(content)
                for host in Self.aliases(of: repository.registry) { named["\(host)/\(path)"] = content }
            }
        }
        self.packages = packages
        self.contents = named
        self.places = places
        names = Set(contents.keys.map(\.path)).sorted()
    }

    /// Non-distributable layers are in a package only if that was asked for.
    private static func holds(_ blob: Descriptor, _ package: any ImagePackage) async -> Bool {
        if blob.mediaType.isDistributable { return true }
        return (try? await package.content(of: blob, from: 0)) != nil
    }

    private static func aliases(of host: RegistryHost) -> [String] {
        host == .dockerHub ? [host.name, "docker.io", "registry-1.docker.io"] : [host.name]
    }

    /// The paths of the repositories, without their hosts.
    public func repositories() -> [String] { names }

    /// The repository that is `host`'s own.
    public func repository(_ name: String, of host: String) -> String { "\(host)/\(name)" }

    /// The size of a blob.
    public func size(of blob: Digest, in repository: String) -> Int64? {
        guard contents[repository]?.blobs.contains(blob) == true else { return nil }
        return places[blob]?.blob.size
    }

    /// The bytes as they lie in the package.
    public func content(of blob: Digest, in range: Range<Int64>) async throws -> BlobBody {
        guard let place = places[blob] else { throw RegistryResponseError.blobUnknown("\(blob)") }
        let package = packages[place.package]
        let whole =
            if let verified {
                try await verified.content(of: place.blob, in: package, from: range.lowerBound)
            } else {
                try await package.content(of: place.blob, from: range.lowerBound)
            }
        guard range.upperBound < place.blob.size else { return whole }
        return BlobBody(Beginning(base: whole, count: range.count))
    }

    /// Where a layer lies in its package; nil where its bytes are verified, as those of a file can be others meanwhile.
    public func place(of blob: Digest) async throws -> FileSlice? {
        guard verified == nil, let place = places[blob] else { return nil }
        return try await packages[place.package].place(of: place.blob)
    }

    /// A manifest, at any depth.
    public func manifest(_ digest: Digest, in repository: String) -> RawManifest? {
        contents[repository]?.manifests[digest]
    }

    /// All manifests, at any depth.
    public func manifests(in repository: String) -> [Digest] { contents[repository]?.manifests.keys.sorted() ?? [] }

    /// The manifests that are about another one.
    public func referrers(to subject: Digest, in repository: String) -> [RawManifest] {
        guard let content = contents[repository] else { return [] }
        return (content.referrers[subject] ?? []).sorted().compactMap { content.manifests[$0] }
    }

    /// How many tags there are beside those that stand for digests.
    public var tagCount: Int {
        let all = names.flatMap { (contents[$0]?.tags ?? [:]).keys }
        return all.count { (try? Tag($0))?.standsForDigest == false }
    }

    /// The tags of arrival, those that packages record, and those that were given.
    public func tags(in repository: String) -> [String: Digest]? { contents[repository]?.tags }
}

/// What one repository has.
private struct RepositoryContents: Sendable {
    private(set) var manifests: [Digest: RawManifest] = [:]
    private(set) var blobs: Set<Digest> = []
    private(set) var tags: [String: Digest] = [:]
    private(set) var referrers: [Digest: Set<Digest>] = [:]
    /// Tags that mean two things, and so nothing.
    private var ambiguous: Set<String> = []

    mutating func add(_ tree: ImageTree) {
        tag(Tag.kbldDigestTag(for: tree.manifest.digest).name, tree.manifest.digest)
        var pending = [tree]
        while let next = pending.popLast() {
            guard manifests[next.manifest.digest] == nil else { continue }
            let manifest = next.manifest
            manifests[manifest.digest] = manifest
            if let subject = manifest.referrerDescriptor?.subject {
                referrers[subject, default: []].insert(manifest.digest)
            }
            switch next {
            case .image(let leaf): blobs.formUnion([leaf.parsed.config.digest] + leaf.parsed.layers.map(\.digest))
            case .index(let branch): pending += branch.children
            }
        }
    }

    mutating func tag(_ name: String, _ digest: Digest) {
        guard !ambiguous.contains(name) else { return }
        if let known = tags[name], known != digest {
            tags[name] = nil
            ambiguous.insert(name)
        } else {
            tags[name] = digest
        }
    }

    mutating func keep(_ isThere: (Digest) -> Bool) { blobs = blobs.filter(isThere) }

    mutating func merge(_ other: RepositoryContents) {
        manifests.merge(other.manifests) { first, _ in first }
        blobs.formUnion(other.blobs)
        referrers.merge(other.referrers) { $0.union($1) }
        for name in other.ambiguous { tags[name] = nil }
        ambiguous.formUnion(other.ambiguous)
        for (name, digest) in other.tags { tag(name, digest) }
    }
}

/// The first `count` bytes of a body.
private struct Beginning: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let base: BlobBody
    let count: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        var rest: Int

        mutating func next() async throws -> ByteBuffer? {
            guard rest > 0, var chunk = try await base.next() else { return nil }
            let length = Swift.min(rest, chunk.readableBytes)
            rest -= length
            return chunk.readSlice(length: length)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator(), rest: count) }
}
