import ContainerImage
import ImageStore
import Packages

/// What in a package is attached to other images of it: referrers, and what cosign keeps under tags.
struct PackageCompanions: Sendable {
    private let trees: [ImageTree]
    private let names: [TaggedImage]
    private let references: Set<DigestReference>

    /// Creates what is attached among `trees`.
    init(_ trees: [ImageTree], _ metadata: PackageMetadata) {
        self.trees = trees
        names = metadata.names ?? []
        let digests = Set(trees.flatMap(\.all).map(\.manifest.digest))
        let named = Set(names.map(\.image))
        references = Set(
            trees.filter { tree in
                named.contains(tree.reference) || tree.subject.map(digests.contains) == true
            }
            .map(\.reference)
        )
    }

    /// Whether `tree` is attached to another image.
    func contains(_ tree: ImageTree) -> Bool { references.contains(tree.reference) }

    /// Whether anything is attached to the image or index itself.
    func isAttached(to digest: Digest) -> Bool {
        let tags = Set(Tag.cosign(of: digest))
        return trees.contains { $0.subject == digest } || names.contains { tags.contains($0.tag) }
    }

    /// The `chosen` trees with what is attached to them, and to that.
    func following(_ chosen: [ImageTree]) -> [ImageTree] {
        var all = chosen
        var known = Set(chosen.map(\.reference))
        var pending = chosen
        while !pending.isEmpty {
            let digests = Set(pending.flatMap(\.all).map(\.manifest.digest))
            let tags = Set(digests.flatMap(Tag.cosign))
            let named = Set(names.filter { tags.contains($0.tag) }.map(\.image))
            pending = trees.filter { tree in
                named.contains(tree.reference) || tree.subject.map(digests.contains) == true
            }
            .filter { known.insert($0.reference).inserted }
            all += pending
        }
        return all
    }
}

extension ImageTree {
    /// What it refers to.
    fileprivate var subject: Digest? { manifest.referrerDescriptor?.subject }
}

extension PackageMetadata {
    /// Leaves what is said of `trees` alone.
    ///
    /// - Parameter filters: The indexes among them of which less is taken under a new digest.
    mutating func keep(_ trees: [ImageTree], filtered filters: [PlatformFilter]) {
        let all = trees.flatMap(\.all)
        let tags = Set(all.map(\.manifest.digest).flatMap(Tag.cosign))
        let references = Set(all.map(\.reference))
        let roots = Set(trees.map(\.reference))
        let successors = Dictionary(filters.map { ($0.index, $0) }) { first, _ in first }
        func successor(of reference: DigestReference) -> DigestReference {
            successors[reference]?.filtered ?? reference
        }
        let names = (names ?? []).filter { tags.contains($0.tag) && references.contains($0.image) }
        let origins = (self.tags ?? []).map { TaggedImage(tag: $0.tag, image: successor(of: $0.image)) }
            .filter { roots.contains($0.image) }
        let earlier = (platformFilters ?? []).map { filter in
            guard let next = successors[filter.filtered] else { return filter }
            return PlatformFilter(
                index: filter.index,
                filtered: next.filtered,
                platforms: next.platforms,
                whole: filter.whole
            )
        }
        let omitted = omitted
        self = PackageMetadata(
            names: names,
            platformFilters: (earlier + filters).filter { roots.contains($0.filtered) },
            tags: origins
        )
        self.omitted = omitted
        note(absentFrom: trees)
    }
}
