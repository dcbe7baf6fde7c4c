import ContainerImage
import ImageStore

/// The bytes of `manifest.json`, as the original writes them: docs/format.md, "manifest.json".
enum PackageManifestWriter {
    /// The compact JSON of `trees`, in their fixed order.
    ///
    /// - Throws: `ArchiveError.notText` when a manifest or config is not UTF-8 and so can't be put in JSON unaltered.
    static func bytes(of trees: [ImageTree]) throws(ArchiveError) -> [UInt8] {
        // Room that isn't used costs no memory; to grow into it costs a copy.
        let size =
            trees.lazy.flatMap(\.all).reduce(0) { $0 + 2 * $1.manifest.bytes.count + 1024 }
            + trees.lazy.flatMap(\.images).reduce(0) { $0 + 2 * $1.config.count }
        var json = GoJSON(capacity: size + 2 * TarHeader.blockSize)
        try json.array(sorted(trees)) { (tree, json) throws(ArchiveError) in
            switch tree {
            case .index(let branch):
                json.raw("{\"ImageIndex\":")
                try write(branch, to: &json)
                json.raw(",\"Image\":null}")
            case .image(let leaf):
                json.raw("{\"ImageIndex\":null,\"Image\":")
                try write(leaf, to: &json)
                json.raw("}")
            }
        }
        return json.bytes
    }

    /// In ascending order of an index's digest, or an image's manifest digest and config digest; the same content under
    /// several names in the order of these.
    private static func sorted(_ trees: [ImageTree]) -> [ImageTree] {
        func key(_ tree: ImageTree) -> String {
            switch tree {
            case .image(let leaf): "\(leaf.manifest.digest)/\(leaf.parsed.config.digest)"
            case .index(let branch): branch.manifest.digest.description
            }
        }
        return trees.map { (key($0), $0.reference, $0) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map(\.2)
    }

    private static func write(_ branch: IndexNode, to json: inout GoJSON) throws(ArchiveError) {
        json.raw("{\"Refs\":[")
        json.string(branch.reference.description)
        json.raw("],\"Images\":")
        var images: [ImageNode] = []
        var indexes: [IndexNode] = []
        for child in branch.children {
            switch child {
            case .image(let leaf): images.append(leaf)
            case .index(let branch): indexes.append(branch)
            }
        }
        try json.array(images) { (leaf, json) throws(ArchiveError) in try write(leaf, to: &json) }
        json.raw(",\"Indexes\":")
        try json.array(indexes) { (branch, json) throws(ArchiveError) in try write(branch, to: &json) }
        json.raw(",\"MediaType\":")
        json.string(branch.manifest.mediaType.text)
        json.raw(",\"Digest\":")
        json.string(branch.manifest.digest.description)
        json.raw(",\"Raw\":")
        try text(branch.manifest.bytes, of: branch.reference, to: &json)
        json.raw("}")
    }

    private static func write(_ leaf: ImageNode, to json: inout GoJSON) throws(ArchiveError) {
        let diffIDs = ImageConfig(leaf.config).diffIDs
        json.raw("{\"Refs\":[")
        json.string(leaf.reference.description)
        json.raw("],\"Layers\":")
        // A layer that is listed twice is listed both times as it is the first time: the original finds it by digest.
        var positions: [Digest: Int] = [:]
        for (position, layer) in leaf.parsed.layers.enumerated() where positions[layer.digest] == nil {
            positions[layer.digest] = position
        }
        try json.array(leaf.parsed.layers) { (layer, json) throws(ArchiveError) in
            let first = positions[layer.digest] ?? 0
            json.raw("{\"MediaType\":")
            json.string(leaf.parsed.layers[first].mediaType.text)
            json.raw(",\"Digest\":")
            json.string(layer.digest.description)
            json.raw(",\"DiffID\":")
            json.string(first < diffIDs.count ? diffIDs[first] : "")
            json.raw(",\"Size\":\(layer.size)}")
        }
        json.raw(",\"Config\":{\"Digest\":")
        json.string(leaf.parsed.config.digest.description)
        json.raw(",\"Raw\":")
        if leaf.configIsText { try text(leaf.config, of: leaf.reference, to: &json) } else { json.raw("\"\"") }
        json.raw("},\"Manifest\":{\"MediaType\":")
        json.string(leaf.manifest.mediaType.text)
        json.raw(",\"Digest\":")
        json.string(leaf.manifest.digest.description)
        json.raw(",\"Raw\":")
        try text(leaf.manifest.bytes, of: leaf.reference, to: &json)
        json.raw("}}")
    }

    private static func text(
        _ bytes: [UInt8],
        of reference: DigestReference,
        to json: inout GoJSON
    ) throws(ArchiveError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(reference) }
        json.string(text)
    }
}

extension ImageNode {
    /// Whether the config can be put in JSON unaltered. An artifact's may be any bytes.
    var configIsText: Bool { String(validating: config, as: UTF8.self) != nil }
}
