public import ContainerImage
public import ImageStore
public import RegistryClient

/// What is taken along with images, and what is left out of them, on purpose.
public struct CompanionSelection: Sendable {
    /// Whether what the registry lists as referrers comes along, and what refers to that.
    public var takesReferrers = false
    /// Whether cosign's signatures, attestations and bills of materials come along.
    public var takesCosign = false
    /// Whether layers come along that aren't distributable.
    public var takesNonDistributable = false
    /// The platforms that indexes are slimmed to; empty for all.
    public var platforms: [Platform] = []

    /// Images as they are.
    public init() {}

    /// How far referrers of referrers are followed.
    static let depthLimit = 8

    /// Slims `trees`, and reads what comes along with them.
    ///
    /// - Parameters:
    ///   - source: Gives the repository that an image is in.
    ///   - limit: How many requests are under way at once.
    /// - Throws: `SlimmingError` when nothing of an index fits; `ImageTreeError` naming the reference.
    public func apply(
        to trees: [ImageTree],
        from source: @escaping @Sendable (Repository) -> RemoteRepository,
        atMost limit: Int
    ) async throws -> GatheredImages {
        var gathered = GatheredImages(trees: try trees.map { try $0.slimmed(to: platforms) })
        if !platforms.isEmpty {
            gathered.slimmings = zip(trees, gathered.trees).filter { $0.reference != $1.reference }
                .map { Slimming(index: $0.reference, slimmed: $1.reference, platforms: platforms) }
        }
        var pending = gathered.trees
        var depth = 0
        while !pending.isEmpty, takesReferrers || takesCosign, depth < Self.depthLimit {
            let references = gathered.references(in: pending)
            let found = try await companions(of: references, from: source, atMost: limit)
            gathered.names += found.names
            let fresh = found.references.subtracting(gathered.references(in: gathered.trees)).sorted()
            pending = try await ImageTree.read(fresh, from: { source($0) }, atMost: limit)
            gathered.trees += pending
            gathered.companions += pending.map(\.reference)
            depth += 1
        }
        if takesNonDistributable {
            gathered.trees.takeAlong { _ in true }
        }
        return gathered
    }

    private struct Found: Sendable {
        var references: Set<DigestReference> = []
        var names: [TaggedImage] = []
    }

    private func companions(
        of references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> RemoteRepository,
        atMost limit: Int
    ) async throws -> Found {
        let each = try await references.concurrentMap(atMost: limit) { reference in
            let repository = source(reference.repository)
            var found = Found()
            do {
                if takesReferrers {
                    let digests = try await repository.referrers(of: reference.digest).map(\.digest)
                    for digest in digests {
                        found.references.insert(
                            DigestReference(repository: reference.repository, digest: digest)
                        )
                    }
                }
                for tag in takesCosign ? Tag.cosign(of: reference.digest) : [] {
                    guard let digest = try await repository.descriptor(of: tag)?.digest else { continue }
                    let image = DigestReference(repository: reference.repository, digest: digest)
                    found.references.insert(image)
                    found.names.append(TaggedImage(tag: tag, image: image))
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
        }
    }
}
