public import ContainerImage
import ImageStore

/// No image of an index is for any of the platforms that are wanted.
public struct SlimmingError: Error, Sendable, CustomStringConvertible {
    /// The index.
    public let index: DigestReference
    /// What was wanted.
    public let platforms: [Platform]
    /// What there is.
    public let available: [Platform]

    /// The index, what was wanted, and what there is.
    public var description: String {
        func list(_ platforms: [Platform]) -> String { platforms.map(\.description).joined(separator: ", ") }
        let there = available.isEmpty ? "none of its entries has a platform" : "it has \(list(available))"
        return "Slimming index \(index) to \(list(platforms)) would leave nothing: \(there)"
    }
}

extension ImageTree {
    /// The tree with only those entries of an index that are for one of `platforms`, or that are attestations of such,
    /// or that are indexes with such in them. An image stays as it is.
    ///
    /// - Throws: `SlimmingError` when nothing fits.
    func slimmed(to platforms: [Platform]) throws -> ImageTree {
        guard !platforms.isEmpty, case .index(var branch) = self, case .index(let index) = try manifest.parsed() else {
            return self
        }
        let children = Dictionary(branch.children.map { ($0.manifest.digest, $0) }) { first, _ in first }
        func fits(_ entry: Descriptor) -> Bool {
            if let platform = entry.platform { return platforms.contains { platform.satisfies($0) } }
            guard case .index = children[entry.digest] else { return false }
            return (try? children[entry.digest]?.slimmed(to: platforms)) != nil
        }
        let fitting = Set(index.manifests.filter(fits).map(\.digest))
        guard !fitting.isEmpty else {
            throw SlimmingError(
                index: reference,
                platforms: platforms,
                available: index.manifests.compactMap(\.platform)
            )
        }
        func isKept(_ entry: Descriptor) -> Bool {
            if fitting.contains(entry.digest) { return true }
            // What BuildKit says of an image stands beside it in the index.
            guard let subject = entry.annotations?["vnd.docker.reference.digest"] else { return false }
            return fitting.contains { $0.description == subject }
        }
        branch.manifest = try manifest.keepingEntries(isKept)
        branch.children = zip(index.manifests, branch.children).filter { isKept($0.0) }.map(\.1)
        branch.reference.digest = branch.manifest.digest
        return .index(branch)
    }
}
