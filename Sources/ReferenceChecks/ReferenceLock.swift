import ContainerImage
public import KbldConfiguration

/// What references are resolved to, by a lock file.
public struct ReferenceLock: Sendable {
    /// The file.
    public let path: String
    private let overrides: MatchedList<ImageOverride>
    private let images: [ImageReference: DigestReference]

    /// Creates a lock from its entries; those that aren't final lock nothing.
    public init(path: String, overrides: [ImageOverride]) {
        self.path = path
        let final = overrides.filter(\.preresolved)
        self.overrides = MatchedList(final, by: \.matcher)
        var images: [ImageReference: DigestReference] = [:]
        for entry in final {
            guard case .image(let text) = entry.matcher, let reference = try? ImageReference(text),
                images[reference] == nil
            else { continue }
            images[reference] = try? DigestReference(entry.newImage)
        }
        self.images = images
    }

    /// What `reference` is resolved to: as it is written, else as it is written out.
    func image(for reference: CheckedReference) -> DigestReference? {
        guard case .image(let repository, _, let digest) = reference.content else { return nil }
        if let entry = overrides.first(for: reference.text) { return try? DigestReference(entry.newImage) }
        if digest != nil, let bare = reference.text.split(separator: "@").first,
            let entry = overrides.first(for: String(bare))
        {
            return try? DigestReference(entry.newImage)
        }
        return reference.tag.flatMap { images[.tag(repository, $0)] }
    }
}
