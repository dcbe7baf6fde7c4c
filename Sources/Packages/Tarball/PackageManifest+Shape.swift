import ContainerImage
import ImageStore

extension PackageManifest {
    /// The keys of `manifest.json`, those of imgpkg's too. Labels are people's own.
    static let shape: JSONShape = {
        let layer: JSONShape = .object(knowing: [
            "MediaType": .anything, "Digest": .anything, "DiffID": .anything, "Size": .anything,
        ])
        let text: JSONShape = .object(knowing: ["MediaType": .anything, "Digest": .anything, "Raw": .anything])
        let image: JSONShape = .object(knowing: [
            "Refs": .anything, "Layers": .list(layer), "Config": text, "Manifest": text, "Tag": .anything,
            "OrigRef": .anything, "Labels": .anything,
        ])
        // Those who read it go no deeper either.
        let index = (0...ImageTree.depthLimit + 1).reduce(JSONShape.anything) { children, _ in
            .object(knowing: [
                "Refs": .anything, "Images": .list(image), "Indexes": .list(children), "MediaType": .anything,
                "Digest": .anything, "Raw": .anything, "Tag": .anything, "OrigRef": .anything, "Labels": .anything,
            ])
        }
        return .list(.object(knowing: ["ImageIndex": index, "Image": image]))
    }()
}
