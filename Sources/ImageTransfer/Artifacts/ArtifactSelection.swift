public import ContainerImage
public import ImageStore

/// What is taken along with images, and what is left out of them, on purpose.
public struct ArtifactSelection: Sendable {
    /// Whether referrers that the registry lists are included, and their referrers.
    public var takesReferrers = false
    /// Whether cosign's signatures, attestations and SBOMs are included.
    public var takesCosign = false
    /// The types of referrers of images that are included even where others aren't, without parameters: those of signatures.
    public var referrerTypes: Set<MediaType> = []
    /// Whether cosign's signatures and attestations of images are included even where its other artifacts aren't.
    public var takesSignatures = false
    /// Whether non-distributable layers are included.
    public var takesNonDistributable = false
    /// The platforms that indexes are filtered to; empty for all.
    public var platforms: [Platform] = []
    /// Whether filtered indexes keep their bytes, and so their digests: what is left out is absent.
    public var isSparse = false
    /// Whether an index that has none of the platforms stays whole, instead of being refused.
    public var allowsMissingPlatform = false

    /// Creates a selection of images as they are: nothing that is attached, all platforms.
    public init() {}

    /// Whether images are taken as they are, and nothing is taken along.
    package var takesNothingElse: Bool {
        !takesReferrers && !takesCosign && !takesAnySignatures && !takesNonDistributable && platforms.isEmpty
    }

    private var takesAnySignatures: Bool { takesSignatures || !referrerTypes.isEmpty }

    /// How far referrers of referrers are followed.
    static let depthLimit = 8

    /// Reads the artifacts attached to the images that were read.
    ///
    /// - Parameters:
    ///   - images: What was read.
    ///   - source: Has the repositories that the images are in.
    ///   - limit: How many requests are under way at once.
    /// - Throws: `ImageTreeError` naming the reference.
    public func apply(
        to images: ImagesWithArtifacts,
        from source: any ImageRegistry,
        atMost limit: Int
    ) async throws -> ImagesWithArtifacts {
        var gathered = images
        var pending = gathered.trees
        var depth = 0
        // Signatures alone are those of images: what refers to these isn't asked for.
        while !pending.isEmpty, depth < (takesReferrers || takesCosign ? Self.depthLimit : takesAnySignatures ? 1 : 0) {
            let references = gathered.references(in: pending)
            let found = try await artifacts(of: references, from: source, atMost: limit)
            gathered.names += found.names
            let fresh = found.references.subtracting(gathered.references(in: gathered.trees)).sorted()
            gathered.remarks += found.remarks
            let read = try await self.read(fresh, from: source, atMost: limit)
            pending = read.trees
            gathered.remarks += read.remarks
            gathered.trees += pending
            gathered.artifacts += pending.map(\.reference)
            depth += 1
        }
        let taken = Set(gathered.references(in: gathered.trees))
        gathered.names.removeAll { !taken.contains($0.image) }
        if takesNonDistributable {
            gathered.trees.includeNonDistributable { _ in true }
        }
        return gathered
    }

    /// Reads the artifacts, all at once. An unavailable one doesn't keep the others out.
    private func read(
        _ references: [DigestReference],
        from source: any ImageRegistry,
        atMost limit: Int
    ) async throws -> (trees: [ImageTree], remarks: [HintedText]) {
        do {
            return (try await ImageTree.read(references, from: { source.repository($0) }, atMost: limit), [])
        } catch let error as ImageTreeError where error.mayBeLeftBehind {
            let each = try await references.concurrentMap(atMost: limit) { reference in
                do {
                    return (
                        try await ImageTree.read([reference], from: { source.repository($0) }, atMost: 1),
                        nil as HintedText?
                    )
                } catch let error as ImageTreeError where error.mayBeLeftBehind {
                    return ([], "not including \(reference), which refers to an image: \(error)")
                }
            }
            return (each.flatMap(\.0), each.compactMap(\.1))
        }
    }

    private struct Found: Sendable {
        var references: Set<DigestReference> = []
        var names: [TaggedImage] = []
        var remarks: [HintedText] = []
    }

    private func artifacts(
        of references: [DigestReference],
        from source: any ImageRegistry,
        atMost limit: Int
    ) async throws -> Found {
        let each = try await references.concurrentMap(atMost: limit) { reference in
            var found = Found()
            do {
                if takesReferrers || !referrerTypes.isEmpty {
                    try await find(referrersOf: reference, in: source.repository(reference.repository), &found)
                }
                if takesCosign || takesSignatures {
                    try await find(cosignOf: reference, in: source.repository(reference.repository), &found)
                }
            } catch {
                if error is CancellationError { throw error }
                throw ImageTreeError.unreadable(reference, error)
            }
            return found
        }
        return each.reduce(into: Found()) { all, one in
            all.references.formUnion(one.references)
            all.names += one.names
            all.remarks += one.remarks
        }
    }

    private func find(
        referrersOf reference: DigestReference,
        in repository: any ImageRepository,
        _ found: inout Found
    ) async throws {
        let list = try await repository.referrers(of: reference.digest)
        for referrer in list.descriptors where takes(referrer) {
            found.references.insert(DigestReference(repository: reference.repository, digest: referrer.digest))
        }
        found.remarks += list.unusable.map {
            "not including \($0), which refers to \(reference): its entry is unusable"
        }
        if let refusal = list.refusal {
            found.remarks.append("assuming that \(reference) has no referrers: \(refusal)")
        }
    }

    /// Whether a referrer is included. One that is listed without a type may be a signature.
    private func takes(_ referrer: Descriptor) -> Bool {
        takesReferrers || referrer.artifactType.map { referrerTypes.contains(MediaType($0)) } ?? true
    }

    private func find(
        cosignOf reference: DigestReference,
        in repository: any ImageRepository,
        _ found: inout Found
    ) async throws {
        for tag in takesCosign ? Tag.cosign(of: reference.digest) : Tag.cosignSignatures(of: reference.digest) {
            do {
                guard let digest = try await repository.descriptor(of: tag)?.digest else { continue }
                let image = DigestReference(repository: reference.repository, digest: digest)
                found.references.insert(image)
                found.names.append(TaggedImage(tag: tag, image: image))
            } catch let error as any StoreError where error.mayMeanAbsence {
                found.remarks.append("assuming that there is no \(reference.repository):\(tag): \(error)")
            }
        }
    }
}

extension ImageTreeError {
    /// Whether the image isn't there or is of no use, so that others can do without it; what is altered, or failed on its
    /// way, can't be left behind.
    fileprivate var mayBeLeftBehind: Bool {
        let cause: any Error
        switch self {
        case .unreadable(_, let error), .foreignEntry(_, _, _, let error): cause = error
        default: return false
        }
        guard let error = cause as? any StoreError else { return cause is ManifestError }
        return error.mayMeanAbsence || error.manifestError != nil
    }
}
