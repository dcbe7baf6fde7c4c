/// What a package's `manifest.json` says: docs/format.md, "manifest.json".
///
/// A value of this type was read from a package and may be anything; ``verifiedTrees()`` makes sure of it.
public struct PackageManifest: Sendable {
    /// The images and indexes, in the file's order.
    public var items: [Item]

    /// One element of the file: one of the two is nil.
    public struct Item: Sendable, Decodable {
        var imageIndex: Index?
        var image: Image?

        enum CodingKeys: String, CodingKey {
            case imageIndex = "ImageIndex"
            case image = "Image"
        }
    }

    struct Image: Sendable, Decodable {
        var refs: [String]?
        var layers: [Layer]?
        var config: Config
        var manifest: Manifest
        var tag: String?
        var originalReference: String?

        enum CodingKeys: String, CodingKey {
            case refs = "Refs"
            case layers = "Layers"
            case config = "Config"
            case manifest = "Manifest"
            case tag = "Tag"
            case originalReference = "OrigRef"
        }
    }

    struct Index: Sendable, Decodable {
        var refs: [String]?
        var images: [Image]?
        var indexes: [Index]?
        var mediaType: String
        var digest: String
        var raw: String
        var tag: String?
        var originalReference: String?

        enum CodingKeys: String, CodingKey {
            case refs = "Refs"
            case images = "Images"
            case indexes = "Indexes"
            case mediaType = "MediaType"
            case digest = "Digest"
            case raw = "Raw"
            case tag = "Tag"
            case originalReference = "OrigRef"
        }
    }

    struct Layer: Sendable, Decodable {
        var mediaType: String
        var digest: String
        var diffID: String
        var size: Int64

        enum CodingKeys: String, CodingKey {
            case mediaType = "MediaType"
            case digest = "Digest"
            case diffID = "DiffID"
            case size = "Size"
        }
    }

    struct Config: Sendable, Decodable {
        var digest: String
        var raw: String

        enum CodingKeys: String, CodingKey {
            case digest = "Digest"
            case raw = "Raw"
        }
    }

    struct Manifest: Sendable, Decodable {
        var mediaType: String
        var digest: String
        var raw: String

        enum CodingKeys: String, CodingKey {
            case mediaType = "MediaType"
            case digest = "Digest"
            case raw = "Raw"
        }
    }
}
