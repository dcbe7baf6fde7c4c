import Algorithms
public import KbldConfiguration
public import KubernetesYAML

/// The annotation that tells which images a resource has and where they came from.
public enum ImagesAnnotation {
    /// Its key.
    public static let key = "kbld.k14s.io/images"

    /// The resource with the annotation for `images`. What an earlier run noted stays, for images that are still there.
    ///
    /// - Parameters:
    ///   - images: What each reference in the resource came to.
    ///   - keepsNotes: Whether what is noted of other images stays too.
    public static func annotate(
        _ resource: YAMLValue,
        with images: [ResolvedImage],
        keepsNotes: Bool = false
    ) -> YAMLValue {
        let added = images.filter { !$0.origins.isEmpty }
        guard !added.isEmpty, case .map(var fields) = resource else { return resource }
        let used = Set(images.map(\.url))
        let kept = self.images(in: resource).filter { keepsNotes || used.contains($0.url) }
        // Swift's sort keeps the order of equals: that of the document.
        let entries = (kept + added).uniqued().sorted { $0.url < $1.url }
        let list = entries.map { entry in
            YAMLValue.map(["url": .string(entry.url), "origins": .list(entry.origins.map(\.value))])
        }
        var metadata = fields["metadata"]?.mapValue ?? [:]
        // Something else than a map under metadata or annotations is kept: there is no place for the annotation then.
        if let there = fields["metadata"], there != .null, there.mapValue == nil { return resource }
        if let there = metadata["annotations"], there != .null, there.mapValue == nil { return resource }
        var annotations = metadata["annotations"]?.mapValue ?? [:]
        annotations[key] = .string(YAMLWriter.text(of: .list(list)))
        metadata["annotations"] = .map(annotations)
        fields["metadata"] = .map(metadata)
        return .map(fields)
    }

    /// What the annotation of `resource` says; nothing where there is none or it isn't of the form.
    ///
    /// - Parameter readsOldForm: Whether the form that the original had before version 0.31 counts as well.
    public static func images(in resource: YAMLValue, readsOldForm: Bool = true) -> [ResolvedImage] {
        guard let text = resource["metadata"]?["annotations"]?[key]?.stringValue,
            let entries = try? YAMLReader.values(in: text, file: key).first?.listValue
        else { return [] }
        return entries.compactMap { entry in
            if let url = entry["url"]?.stringValue, let origins = entry["origins"]?.listValue, !origins.isEmpty {
                return ResolvedImage(url: url, origins: origins.map { Origin($0) })
            }
            guard readsOldForm, let url = entry["URL"]?.stringValue, let origins = entry["Metas"]?.listValue,
                !origins.isEmpty
            else { return nil }
            return ResolvedImage(url: url, origins: origins.map { Origin(oldForm: $0) })
        }
    }
}
