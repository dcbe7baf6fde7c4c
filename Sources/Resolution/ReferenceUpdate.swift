public import KbldConfiguration
public import KubernetesYAML

/// Finds the references of all resources, and puts others in their place.
public struct ReferenceUpdate: Sendable {
    private let search: ReferenceSearch
    /// What is a reference where others stay.
    private let known: KnownReferences?

    /// Creates an update by the rules of `configuration`.
    public init(_ configuration: Configuration) {
        search = ReferenceSearch(rules: configuration.rules, finders: configuration.finders)
        known = configuration.keepsNonReferences ? KnownReferences(configuration) : nil
    }

    /// The distinct references of `resources`, sorted.
    public func references(in resources: [YAMLDocument]) -> [String] {
        Set(resources.flatMap(references)).sorted()
    }

    /// The references of one resource, each as often as it is there.
    public func references(in resource: YAMLDocument) -> [String] {
        let found = search.collect(in: resource.value)
        return known.map { known in found.filter(known.contains) } ?? found
    }

    /// What is in the places of references in `resources` and stays because it isn't one, each as often as it is there.
    public func keptValues(in resources: [YAMLDocument]) -> [String] {
        guard let known else { return [] }
        return resources.flatMap { search.collect(in: $0.value) }.filter { !known.contains($0) }
    }

    /// The resource with its references replaced from `images`, annotated if `annotates`.
    ///
    /// - Parameters:
    ///   - keepsTags: Whether the tag that a reference had stays in it, before the digest.
    ///   - keepsNotes: Whether what is noted of images stays that aren't there any more.
    /// - Throws: `UnknownReferenceError` for a reference that `images` lacks.
    public func apply(
        _ images: [String: ResolvedImage],
        to resource: YAMLDocument,
        annotates: Bool,
        keepsTags: Bool = false,
        keepsNotes: Bool = false
    ) throws(UnknownReferenceError) -> YAMLValue {
        var used: [ResolvedImage] = []
        let value = try search.replace(in: resource.value) { reference throws(UnknownReferenceError) in
            if let known, !known.contains(reference) { return nil }
            guard let image = images[reference] else {
                throw UnknownReferenceError(reference: reference, file: resource.file)
            }
            used.append(image)
            return keepsTags ? image.urlWithTag(of: reference) : image.url
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
