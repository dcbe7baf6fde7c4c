import ContainerImage
import KubernetesYAML

/// The forms in which lists of images are written, for other tools.
public enum ImageListFormat: String, Sendable, CaseIterable {
    /// One reference a line.
    case text
    /// Hauler's `Images`.
    case hauler
    /// The `ImageSetConfiguration` of oc-mirror.
    case imageset
    /// A `ZarfPackageConfig`.
    case zarf
    /// The `Images.lock` of Helm's plugin dt.
    case imagesLock = "images-lock"
    /// A JSON object with a list.
    case json

    /// The list in this form, each image once, in their order.
    ///
    /// - Parameters:
    ///   - entries: The references and the resources that have them, sorted.
    ///   - version: The version of this program.
    public func text(of entries: [ListingWorkflow.Entry], version: String) -> String {
        var references: [String] = []
        var resources: [String: [YAMLValue]] = [:]
        for entry in entries {
            if resources[entry.reference] == nil { references.append(entry.reference) }
            let resource = YAMLValue.string(entry.resource)
            if resources[entry.reference]?.last != resource { resources[entry.reference, default: []].append(resource) }
        }
        func list(_ key: String) -> YAMLValue { .list(references.map { .map([key: .string($0)]) }) }
        switch self {
        case .text: return references.map { $0 + "\n" }.joined()
        case .hauler:
            return YAMLWriter.text(of: [
                "apiVersion": "content.hauler.cattle.io/v1", "kind": "Images", "metadata": ["name": "images"],
                "spec": ["images": list("name")],
            ])
        case .imageset:
            return YAMLWriter.text(of: [
                "apiVersion": "mirror.openshift.io/v2alpha1", "kind": "ImageSetConfiguration",
                "mirror": ["additionalImages": list("name")],
            ])
        case .zarf:
            return YAMLWriter.text(of: [
                "kind": "ZarfPackageConfig", "metadata": ["name": "images"],
                "components": [
                    ["name": "images", "required": true, "images": .list(references.map(YAMLValue.string))]
                ],
            ])
        case .imagesLock:
            return YAMLWriter.text(of: [
                "apiVersion": "v0", "kind": "ImagesLock",
                "metadata": ["generatedAt": "", "generatedBy": .string("kbld \(version)")],
                "chart": ["name": "", "version": ""],
                "images": .list(
                    references.map { reference in
                        ["name": .string(Self.name(of: reference)), "image": .string(reference), "digests": []]
                    }
                ),
            ])
        case .json:
            let images = references.map { reference -> YAMLValue in
                ["image": .string(reference), "resources": .list(resources[reference] ?? [])]
            }
            return JSONWriter.compactText(of: ["images": .list(images)]) + "\n"
        }
    }

    /// The last part of the repository.
    private static func name(of reference: String) -> String {
        let name = reference.prefix { $0 != "@" }.split(separator: "/").last ?? ""
        return String(name.prefix { $0 != ":" })
    }
}
