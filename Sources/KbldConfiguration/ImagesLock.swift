import ContainerImage
public import KubernetesYAML

/// imgpkg's lock of images: written on request, and accepted as input in place of overrides.
public struct ImagesLock: Sendable, Hashable {
    /// The images in the order in which they are written.
    public var images: [Entry]

    /// A reference and the image that it gave.
    public struct Entry: Sendable, Hashable {
        /// The reference as written in a document.
        public var reference: String
        /// The image by digest.
        public var image: String
        /// How it came about; nothing is written where there are none.
        public var origins: [Origin]

        /// Creates an entry.
        public init(reference: String, image: String, origins: [Origin] = []) {
            self.reference = reference
            self.image = image
            self.origins = origins
        }
    }

    /// The group and version of the document.
    public static let apiVersion = "imgpkg.carvel.dev/v1alpha1"
    /// The kind of the document.
    public static let kind = "ImagesLock"

    private static let referenceAnnotation = "kbld.carvel.dev/id"
    private static let originsAnnotation = "kbld.carvel.dev/origins"

    /// Creates a lock of `images`.
    public init(images: [Entry]) {
        self.images = images
    }

    /// The document.
    public var value: YAMLValue {
        var fields: [String: YAMLValue] = ["apiVersion": .string(Self.apiVersion), "kind": .string(Self.kind)]
        if !images.isEmpty {
            fields["images"] = .list(
                images.map { entry in
                    var annotations: [String: YAMLValue] = [Self.referenceAnnotation: .string(entry.reference)]
                    if !entry.origins.isEmpty {
                        let text = YAMLWriter.text(of: .list(entry.origins.map(\.value)))
                        annotations[Self.originsAnnotation] = .string(text)
                    }
                    return .map(["image": .string(entry.image), "annotations": .map(annotations)])
                }
            )
        }
        return .map(fields)
    }

    /// The file's text, which begins with `---`.
    public var text: String { "---\n" + YAMLWriter.text(of: value) }

    /// Reads a lock as overrides that are final.
    ///
    /// Other fields than a lock's are refused: an older form of it would otherwise pass for one without images.
    static func overrides(in node: ConfigurationNode) throws(ConfigurationError) -> [ImageOverride] {
        try node.checkOptions(["apiVersion", "kind", "images"])
        var overrides: [ImageOverride] = []
        for entry in try node.maps("images") {
            try entry.checkOptions(["image", "annotations"])
            guard let image = try entry.string("image") else { throw entry.error(.missing("image")) }
            let digest: DigestReference
            do {
                digest = try DigestReference(image)
            } catch {
                throw (entry.child("image") ?? entry).error(.badLockedImage(error))
            }
            let annotations = try entry.map("annotations")
            let origins = try origins(in: annotations)
            guard let reference = try annotations?.string(referenceAnnotation) else {
                throw (annotations ?? entry).error(.missing(referenceAnnotation))
            }
            overrides.append(
                ImageOverride(matcher: .image(reference), newImage: "\(digest)", preresolved: true, origins: origins)
            )
        }
        return overrides
    }

    private static func origins(in annotations: ConfigurationNode?) throws(ConfigurationError) -> [Origin] {
        guard let annotations, let text = try annotations.string(originsAnnotation),
            let field = annotations.child(originsAnnotation)
        else { return [] }
        do {
            let values = try YAMLReader.values(in: text, file: annotations.document.file)
            return values.flatMap { $0.listValue ?? [] }.map { Origin($0) }
        } catch {
            throw field.error(.badOrigins("\(error)"))
        }
    }
}
