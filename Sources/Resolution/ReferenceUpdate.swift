public import KbldConfiguration
public import KubernetesYAML

/// Finds the references of all resources, and puts others in their place.
public struct ReferenceUpdate: Sendable {
    private let search: ReferenceSearch

    /// Creates an update by the rules of `configuration`.
    public init(_ configuration: Configuration) {
        search = ReferenceSearch(rules: configuration.rules)
    }

    /// The distinct references of `resources`, sorted.
    public func references(in resources: [YAMLDocument]) -> [String] {
        Set(resources.flatMap { search.collect(in: $0.value) }).sorted()
    }

    /// The references of one resource, each as often as it is there.
    public func references(in resource: YAMLDocument) -> [String] {
        search.collect(in: resource.value)
    }

    /// The resource with its references replaced from `images`, annotated if `annotates`.
    ///
    /// - Parameter keepsNotes: Whether what is noted of images stays that aren't there any more.
    /// - Throws: `UnknownReferenceError` for a reference that `images` lacks.
    public func apply(
        _ images: [String: ResolvedImage],
        to resource: YAMLDocument,
        annotates: Bool,
        keepsNotes: Bool = false
    ) throws(UnknownReferenceError) -> YAMLValue {
        var used: [ResolvedImage] = []
        let value = try search.replace(in: resource.value) { reference throws(UnknownReferenceError) in
            guard let image = images[reference] else {
                throw UnknownReferenceError(reference: reference, file: resource.file)
            }
            used.append(image)
            return image.url
        }
        return annotates ? ImagesAnnotation.annotate(value, with: used, keepsNotes: keepsNotes) : value
    }
}

/// An unknown reference.
public struct UnknownReferenceError: Error, Sendable, CustomStringConvertible {
    /// The reference as written.
    public let reference: String
    /// The file that has it.
    public let file: String

    /// The reference and its file.
    public var description: String { "'\(file)' has the image '\(reference)', which is not among the ones processed" }
}
