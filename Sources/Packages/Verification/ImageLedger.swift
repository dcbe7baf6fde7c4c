package import ContainerImage
import ImageStore

/// An image or index that a package lists, and whether it is as it should be.
public struct VerifiedImage: Hashable, Sendable, Encodable {
    /// The reference.
    public let reference: String
    /// Whether nothing that it needs has an error.
    public let isGood: Bool
    /// Of an index: the platforms of those images that are damaged, or their digests.
    public let damagedParts: [String]
}

/// Which images of a package need which of its entries: tells which images an issue affects.
package struct ImageLedger: Sendable {
    private struct Node {
        var names: Set<String> = []
        var children: [(key: String, platform: Platform?)] = []
    }

    private var nodes: [String: Node] = [:]
    private var roots: [(name: String, key: String)] = []

    /// Creates an empty ledger.
    package init() {}

    /// Adds an image or index that the package lists as `name`.
    package mutating func addRoot(_ name: String, _ key: String) { roots.append((name, key)) }

    /// Adds what a manifest needs.
    ///
    /// - Parameters:
    ///   - key: The manifest's digest.
    ///   - names: The subjects of the issues that affect it.
    ///   - children: The digests of an index's entries.
    package mutating func addNode(
        _ key: String,
        names: [String],
        children: [(key: String, platform: Platform?)] = []
    ) {
        nodes[key, default: Node()].names.formUnion(names)
        if !children.isEmpty { nodes[key]?.children = children }
    }

    /// Finds what issues with `subjects` affect.
    ///
    /// - Returns: The images, and for each subject those that it concerns, in words.
    package func hits(of subjects: Set<String>) -> (images: [VerifiedImage], concerned: [String: [String]]) {
        var concerned: [String: [String]] = [:]
        let images = roots.map { root in
            var parts: [String] = []
            var isGood = true
            var seen: Set<String> = []
            // Each manifest once an image: the ledger may lead to some of them many times.
            var pending = [(key: root.key, part: String?.none)]
            while let (key, part) = pending.popLast() {
                guard let node = nodes[key], seen.insert(key).inserted else { continue }
                let hit = node.names.intersection(subjects)
                if !hit.isEmpty {
                    isGood = false
                    if let part, !parts.contains(part) { parts.append(part) }
                    let words = root.name + (part.map { " (\($0))" } ?? "")
                    for subject in hit { concerned[subject, default: []].append(words) }
                }
                for child in node.children.reversed() {
                    pending.append((child.key, child.platform?.description ?? part ?? child.key))
                }
            }
            return VerifiedImage(reference: root.name, isGood: isGood, damagedParts: parts)
        }
        return (images, concerned)
    }
}

extension PackageManifest {
    /// Which image of the package needs what, whether it is good or not.
    var ledger: ImageLedger {
        var ledger = ImageLedger()
        for item in items {
            if let index = item.imageIndex {
                ledger.addRoot(index.refs?.first ?? index.digest, index.digest)
                Self.add(index, to: &ledger, depth: 0)
            } else if let image = item.image {
                ledger.addRoot(image.refs?.first ?? image.manifest.digest, image.manifest.digest)
                Self.add(image, to: &ledger)
            }
        }
        return ledger
    }

    private static func add(_ image: Image, to ledger: inout ImageLedger) {
        let blobs = ((image.layers ?? []).map(\.digest) + [image.config.digest]).compactMap { try? Digest($0) }
        ledger.addNode(
            image.manifest.digest,
            names: [image.refs?.first ?? image.manifest.digest] + blobs.map(ArchivePlan.entryName)
        )
    }

    private static func add(_ index: Index, to ledger: inout ImageLedger, depth: Int) {
        guard depth <= ImageTree.depthLimit else { return }
        let raw = RawManifest(mediaType: MediaType(index.mediaType), bytes: Array(index.raw.utf8))
        var platforms: [String: Platform] = [:]
        if case .index(let parsed)? = try? raw.parsed() {
            for entry in parsed.manifests { platforms[entry.digest.description] = entry.platform }
        }
        let digests = (index.images ?? []).map(\.manifest.digest) + (index.indexes ?? []).map(\.digest)
        ledger.addNode(
            index.digest,
            names: [index.refs?.first ?? index.digest],
            children: digests.map { ($0, platforms[$0]) }
        )
        for image in index.images ?? [] { add(image, to: &ledger) }
        for child in index.indexes ?? [] { add(child, to: &ledger, depth: depth + 1) }
    }
}
