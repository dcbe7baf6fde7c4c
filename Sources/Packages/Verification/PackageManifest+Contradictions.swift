import ContainerImage
import FoundationEssentials
import ImageStore

/// What `manifest.json` says twice and differently. Readers go by the manifests themselves, whose digests they compare; so
/// this is for those who want to know whether the file is as it was written.
extension PackageManifest {
    /// All contradictions.
    ///
    /// - Parameter bytes: The entry's bytes.
    func contradictions(in bytes: [UInt8]) -> [PackageIssue] {
        var found: [PackageIssue] = []
        func add(_ kind: PackageIssue.Kind, _ subject: String, _ message: HintedText) {
            let issue = PackageIssue(kind, subject, message, isPassedOver: true)
            if !found.contains(issue) { found.append(issue) }
        }
        for key in (try? JSONDecoder().decode(Keys.self, from: Data(bytes)))?.unknown.sorted() ?? [] {
            add(.manifest, "manifest.json", "it has the unknown key '\(key)'")
        }
        for item in items {
            if let index = item.imageIndex { Self.check(index, depth: 0, add) }
            if let image = item.image { Self.check(image, add) }
        }
        return found
    }

    private typealias Add = (PackageIssue.Kind, _ subject: String, _ message: HintedText) -> Void

    private static func check(_ index: Index, depth: Int, _ add: Add) {
        guard depth <= ImageTree.depthLimit else { return }
        let name = index.refs?.first ?? index.digest
        let raw = RawManifest(mediaType: MediaType(index.mediaType), bytes: Array(index.raw.utf8))
        checkType(of: raw, isIndex: true, name, add)
        let images = (index.images ?? []).map { ($0.manifest.digest, $0.manifest.raw) }
        let children = images + (index.indexes ?? []).map { ($0.digest, $0.raw) }
        let sizes = Dictionary(children.map { ($0.0, Int64($0.1.utf8.count)) }) { first, _ in first }
        if case .index(let parsed)? = try? raw.parsed() {
            for entry in parsed.manifests {
                guard let size = sizes[entry.digest.description], size != entry.size else { continue }
                add(.size, name, "it says that \(entry.digest) has \(entry.size) bytes, but it has \(size)")
            }
        }
        for image in index.images ?? [] { check(image, add) }
        for child in index.indexes ?? [] { check(child, depth: depth + 1, add) }
    }

    private static func check(_ image: Image, _ add: Add) {
        let name = image.refs?.first ?? image.manifest.digest
        let raw = RawManifest(mediaType: MediaType(image.manifest.mediaType), bytes: Array(image.manifest.raw.utf8))
        checkType(of: raw, isIndex: false, name, add)
        guard case .image(let parsed)? = try? raw.parsed() else { return }
        if image.config.digest != parsed.config.digest.description {
            add(.manifest, name, "its config is listed as \(image.config.digest), but is \(parsed.config.digest)")
        }
        // Where a layer is listed twice, the original lists both as it lists the first.
        var types: [String: Set<String>] = [:]
        for layer in parsed.layers { types[layer.digest.description, default: []].insert(layer.mediaType.text) }
        let diffIDs = ImageConfig(Array(image.config.raw.utf8)).diffIDs
        var stated: [String: Set<String>] = [:]
        for (layer, diffID) in zip(parsed.layers, diffIDs) {
            stated[layer.digest.description, default: []].insert(diffID)
        }
        for layer in image.layers ?? [] {
            if let known = types[layer.digest], !known.contains(MediaType(layer.mediaType).text) {
                add(.manifest, name, "its layer \(layer.digest) is listed with another type: '\(layer.mediaType)'")
            }
            if let known = stated[layer.digest], !known.contains(layer.diffID) {
                add(
                    .manifest,
                    name,
                    "its layer \(layer.digest) is listed with '\(layer.diffID)', not its config's diff ID"
                )
            }
        }
    }

    /// A manifest's own type counts where it has one; else any that such a manifest may have.
    private static func checkType(of raw: RawManifest, isIndex: Bool, _ name: String, _ add: Add) {
        let own = (try? JSONDecoder().decode(Typed.self, from: Data(raw.bytes)))?.mediaType
        let fits = own.map { $0 == raw.mediaType } ?? (isIndex ? raw.mediaType.isIndex : raw.mediaType.isImageManifest)
        guard !fits else { return }
        add(.manifest, name, "it is listed with the type '\(raw.mediaType)'" + (own.map { ", but is '\($0)'" } ?? ""))
    }

    private struct Typed: Decodable {
        var mediaType: MediaType?
    }

    /// The keys of the file that no package has, at any depth.
    private struct Keys: Decodable {
        var unknown: Set<String> = []

        /// kbld's and imgpkg's.
        private static let known: Set<String> = [
            "ImageIndex", "Image", "Refs", "Images", "Indexes", "MediaType", "Digest", "Raw", "Layers", "DiffID",
            "Size",
            "Config", "Manifest", "Tag", "OrigRef", "Labels",
        ]

        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                while !list.isAtEnd {
                    if (try? list.decodeNil()) == true { continue }
                    guard let keys = try? list.decode(Keys.self) else { return }
                    unknown.formUnion(keys.unknown)
                }
            } else if let map = try? decoder.container(keyedBy: AnyKey.self) {
                for key in map.allKeys {
                    if !Self.known.contains(key.stringValue) { unknown.insert(key.stringValue) }
                    // Labels are people's own.
                    guard key.stringValue != "Labels", let keys = try? map.decode(Keys.self, forKey: key) else {
                        continue
                    }
                    unknown.formUnion(keys.unknown)
                }
            }
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
