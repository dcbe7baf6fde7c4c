import ContainerImage
import ImageStore
import TestSupport

/// Images that are nowhere.
enum Trees {
    /// An image whose layers are those of these names; a layer's size is its name's number of thousands.
    static func image(
        _ repository: String,
        _ layers: [String],
        platform: String = "linux/amd64",
        configType: String = "application/vnd.oci.image.config.v1+json"
    ) throws -> ImageTree {
        .image(try leaf(repository, layers, platform: platform, configType: configType))
    }

    /// An index of images for `linux/amd64` and further architectures.
    static func index(_ repository: String, _ images: [(architecture: String, layers: [String])]) throws -> ImageTree {
        let children = try images.map {
            try image(repository, $0.layers, platform: "linux/" + $0.architecture)
        }
        let entries = zip(children, images).map { child, image in
            #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(child.manifest.digest)","#
                + #""size":\#(child.manifest.bytes.count),"platform":{"os":"linux","architecture":"\#(image.architecture)"}}"#
        }
        let text = #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#
        let manifest = RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8))
        let reference = DigestReference(repository: try Repository(repository), digest: manifest.digest)
        return .index(IndexNode(reference: reference, manifest: manifest, children: children))
    }

    static func digest(_ layer: String) -> Digest { Digest(of: Array(layer.utf8)) }

    private static func leaf(
        _ repository: String,
        _ layers: [String],
        platform: String,
        configType: String
    ) throws -> ImageNode {
        let parts = platform.split(separator: "/", maxSplits: 1)
        let config = Array(
            #"{"os":"\#(parts[0])","architecture":"\#(parts[1])","made":"\#(layers.joined())"}"#.utf8
        )
        let list = layers.map {
            let size = (Int($0.filter(\.isNumber)) ?? 1) * 1000
            return
                #"{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\#(digest($0))","size":\#(size)}"#
        }
        let text =
            #"{"config":{"mediaType":"\#(configType)","digest":"\#(Digest(of: config))","size":\#(config.count)},"#
            + #""layers":[\#(list.joined(separator: ","))]}"#
        return try ImageNode(manifest: text, config: config, in: repository)
    }
}
