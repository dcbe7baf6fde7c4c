import Algorithms
package import ContainerImage
package import DocumentInput
package import ImageStore
import KbldConfiguration
package import Packages
import Resolution

/// The images of a package, and the references of the documents that name them.
package struct UnpackagedReferences: Sendable {
    /// The references as written, and what they mean.
    package let images: [String: DigestReference]
    /// The package's images, under the names that the documents have for them.
    package let trees: [ImageTree]
    /// The images that documents and locks name.
    let named: Set<DigestReference>
    /// The images that the documents name.
    package let wanted: Set<Digest>

    /// Looks up the documents' images in a package.
    ///
    /// - Throws: `MissingImagesError` when the documents have references that the package doesn't have.
    package init(_ manifests: InputDocuments, _ package: some ImagePackage) throws(MissingImagesError) {
        try self.init(
            manifests,
            trees: package.trees,
            names: package.names,
            metadata: package.metadata,
            strays: Self.identifiedByDigest(package.trees, in: package.format)
        )
    }

    /// Looks up the documents' images in a verified package.
    ///
    /// - Throws: `MissingImagesError` when the documents have references that are none of these.
    package init(_ manifests: InputDocuments, _ package: PackageVerification) throws(MissingImagesError) {
        try self.init(
            manifests,
            trees: package.trees,
            names: package.names,
            metadata: package.metadata,
            strays: Self.identifiedByDigest(package.trees, in: package.format)
        )
    }

    /// Looks up the documents' images in `trees`.
    ///
    /// - Parameters:
    ///   - names: What the package records of further names.
    ///   - metadata: What the package says of filtered indexes.
    ///   - strays: Images that the digest alone tells.
    /// - Throws: `MissingImagesError` when the documents have references that are none of these.
    package init(
        _ manifests: InputDocuments,
        trees given: [ImageTree],
        names: [ImageReference: Digest] = [:],
        metadata: PackageMetadata = PackageMetadata(),
        strays: Set<Digest> = []
    ) throws(MissingImagesError) {
        let update = ReferenceUpdate(manifests.configuration)
        let locked = manifests.configuration.overrides.filter(\.preresolved).map(\.newImage)
            .filter { (try? DigestReference($0)) != nil }
        // Other programs' archives of some platforms name the others without a word: the index can be had as it is, and
        // those of its images that are there each by itself. What is absent on purpose isn't missed.
        let noted = metadata.absentDigests
        let sparse = given.filter { !$0.isComplete(without: noted) && !$0.images.isEmpty }
        let empty = given.filter { !$0.isComplete(without: noted) && $0.images.isEmpty }
        let incomplete = Dictionary(empty.flatMap(\.all).map { ($0.manifest.digest, $0) }) { first, _ in first }
        let parts = sparse.flatMap { $0.all.dropFirst() }.uniqued(on: \.reference)
        let roots = given.filter { !$0.images.isEmpty || $0.isComplete(without: noted) }
        let trees = roots + parts
        var lacking: Set<String> = []
        var images: [String: DigestReference] = [:]
        for tree in trees { images[tree.reference.description] = tree.reference }
        // Documents may still name the whole index.
        for platformFilter in metadata.platformFilters ?? [] where platformFilter.whole != nil {
            images[platformFilter.index.description] = platformFilter.index
        }
        let unproven = metadata.unprovenIndexes
        var refused: Set<String> = []
        let knownImages = Set(images.values)
        var found: [String: DigestReference] = [:]
        var missing: Set<String> = []
        for text in update.references(in: manifests.resources) + locked where images[text] == nil {
            let parsed = try? ImageReference(text)
            if case .digest(let reference)? = parsed, knownImages.contains(reference) {
                images[text] = reference
            } else if case .digest(let reference)? = parsed, unproven.contains(reference) {
                refused.insert(text)
            } else if let parsed, let digest = Self.digest(of: parsed, names), let tree = incomplete[digest] {
                lacking.insert(Self.words(on: tree, as: text))
            } else if let parsed, let digest = names[parsed], Self.mayMean(parsed, digest) {
                found[text] = DigestReference(repository: parsed.repository, digest: digest)
            } else if case .digest(let reference)? = parsed, strays.contains(reference.digest) {
                found[text] = reference
            } else {
                missing.insert(text)
            }
        }
        if trees.isEmpty, given.lacksAllImages {
            lacking.formUnion(given.map { Self.words(on: $0, as: $0.reference.description) })
        }
        guard missing.isEmpty, refused.isEmpty, lacking.isEmpty else {
            let places = ReferencePlaces(manifests.configuration, manifests.resources)
            throw MissingImagesError(
                references: missing.sorted(),
                unproven: refused.sorted(),
                incomplete: lacking.sorted(),
                present: Self.present(roots, names, metadata),
                places: Dictionary(
                    uniqueKeysWithValues: missing.compactMap { text in places.text(of: text).map { (text, $0) } }
                )
            )
        }
        let named = Set(update.references(in: manifests.resources) + locked)
        let wanted = Set(named.compactMap { (images[$0] ?? found[$0])?.digest })
        // Where documents name images of such an index and not itself, these are all that they want of it.
        let isWanted = { (tree: ImageTree) in wanted.contains(tree.manifest.digest) }
        let split = Set(sparse.filter { !isWanted($0) && $0.all.contains(where: isWanted) }.map(\.reference))
        let kept = roots.filter { !split.contains($0.reference) }
        let known = Set(kept.map(\.reference))
        self.wanted = wanted
        self.trees = Self.renamed(
            kept + parts.filter { isWanted($0) && !known.contains($0.reference) },
            by: Set(found.values)
        )
        let references = Dictionary(grouping: self.trees.flatMap(\.all).map(\.reference), by: \.digest)
        for (text, wanted) in found {
            let same = references[wanted.digest] ?? []
            images[text] = same.contains(wanted) ? wanted : same.min()
        }
        self.images = images
        self.named = Set(named.compactMap { images[$0] })
    }

    /// The images that the documents in `files` name; without such files, all that the package has.
    func named(by files: [String]) -> [DigestReference] { files.isEmpty ? trees.map(\.reference) : Array(named) }

    /// What the package has, by the names that it records; what is attached to other images counts only where it is all.
    private static func present(
        _ trees: [ImageTree],
        _ names: [ImageReference: Digest],
        _ metadata: PackageMetadata
    ) -> [String] {
        let companions = PackageCompanions(trees, metadata)
        let images = trees.filter { !companions.contains($0) }
        let recorded = Dictionary(grouping: names.keys) { names[$0] }
        return (images.isEmpty ? trees : images).flatMap { tree in
            recorded[tree.manifest.digest]?.map(\.description) ?? [tree.reference.description]
        }
        .sorted()
    }

    private static func digest(of reference: ImageReference, _ names: [ImageReference: Digest]) -> Digest? {
        if case .digest(let pinned) = reference { pinned.digest } else { names[reference] }
    }

    /// What of an index is there and what isn't.
    private static func words(on tree: ImageTree, as text: String) -> String {
        func words(_ entries: [Descriptor]) -> String {
            entries.map { $0.platform?.description ?? $0.digest.description }.joined(separator: ", ")
        }
        let absent = Set(tree.absent.map(\.digest))
        var there: [Descriptor] = []
        if case .index(let index)? = try? tree.manifest.parsed() {
            there = index.manifests.filter { !absent.contains($0.digest) }
        }
        let choice = there.map { entry in
            "\(tree.reference.repository)@\(entry.digest)" + (entry.platform.map { " for \($0)" } ?? "")
        }
        return "\(text): \(words(tree.absent)) isn't there"
            + (choice.isEmpty ? "" : "; there is \(choice.joined(separator: ", "))")
    }

    /// A pinned image is never another one, whatever a package says of its names.
    private static func mayMean(_ reference: ImageReference, _ digest: Digest) -> Bool {
        guard case .digest(let pinned) = reference else { return true }
        return pinned.digest == digest
    }

    /// The `trees` where the documents say that they are from, which a package of another format doesn't know.
    private static func renamed(_ trees: [ImageTree], by wanted: Set<DigestReference>) -> [ImageTree] {
        let homes = Dictionary(grouping: wanted, by: \.digest)
        return trees.flatMap { tree in
            let names = homes[tree.manifest.digest] ?? []
            return names.isEmpty ? [tree] : names.sorted().map { tree.renamed(to: $0.repository) }
        }
        .uniqued(on: \.reference)
    }

    /// Formats other than kbld's and imgpkg's seldom record where an image was: there the digest alone tells it.
    private static func identifiedByDigest(_ trees: [ImageTree], in format: PackageFormat) -> Set<Digest> {
        guard format != .kbld, format != .imgpkg else { return [] }
        return Set(trees.flatMap(\.all).map(\.manifest.digest))
    }
}

/// References that a package doesn't have.
package struct MissingImagesError: MultilineError, Sendable {
    /// References of which nothing is there.
    package let references: [String]
    /// References to filtered indexes for which the package has no proof.
    package var unproven: [String] = []
    /// Indexes of which the package has some images alone, with what it has and what not.
    package var incomplete: [String] = []
    /// What the package has.
    package var present: [String] = []
    /// Where the documents have references, as far as that is known.
    package var places: [String: String] = [:]

    /// How many of the package's images are named.
    private static let shownCount = 10

    /// The same as issues of the package.
    package var issues: [PackageIssue] {
        references.map { PackageIssue(.document, $0, "the documents refer to this image, but the package lacks it") }
            + unproven.map {
                PackageIssue(.document, $0, "the package has another index in its place, without the proof")
            }
            + incomplete.map { PackageIssue(.document, $0, "the package has only some of its images") }
    }

    /// What is missing, a line for each.
    package var lines: [HintedText] {
        list(
            references.map { reference in reference + (places[reference].map { " (\($0))" } ?? "") },
            below: "The package does not contain these images; re-create it from the same documents:"
        )
            + list(references.isEmpty ? [] : shownPresent, below: "It contains:")
            + (isUnresolved ? ["References without a digest must be resolved first\(hint: .resolve, after: ", ")"] : [])
            + list(
                unproven,
                below: "The package has other indexes in place of these, without proof that they were filtered "
                    + "(packages of older versions have none); re-create it from the same documents:"
            )
            + list(
                incomplete,
                below:
                    "The package has only some of the images of these indexes; name an image that it has, or package "
                    + "the whole index:"
            )
    }

    private var isUnresolved: Bool { references.contains { !$0.contains("@") } }

    private var shownPresent: [String] {
        let more = present.count - Self.shownCount
        return Array(present.prefix(Self.shownCount)) + (more > 0 ? ["and \(more) more"] : [])
    }

    private func list(_ references: [String], below heading: HintedText) -> [HintedText] {
        references.isEmpty ? [] : [heading] + references.map { "- \($0)" }
    }
}
