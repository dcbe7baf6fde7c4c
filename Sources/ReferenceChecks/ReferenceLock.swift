import ContainerImage
public import KbldConfiguration

/// What references are resolved to, by a lock file.
public struct ReferenceLock: Sendable {
    /// The file.
    public let path: String
    private let overrides: MatchedList<ImageOverride>
    private let images: [ImageReference: DigestReference]
    private let entries: [(override: ImageOverride, region: SourceRegion)]

    /// Creates a lock from its entries; those that aren't final lock nothing.
    ///
    /// - Parameter region: Where an entry is in the file, by the text of its reference.
    public init(
        path: String,
        overrides: [ImageOverride],
        region: (String) -> SourceRegion = { _ in SourceRegion(line: 1, columns: 1..<1) }
    ) {
        self.path = path
        entries = overrides.filter(\.preresolved).map { ($0, region($0.matcher.description)) }
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

    /// The entries that are for none of `references`, as references of the lock's file.
    func unused(among references: [CheckedReference]) -> [CheckedReference] {
        let texts = Set(references.map(\.text))
        var images: Set<ImageReference> = []
        var digests: Set<DigestReference> = []
        for reference in references {
            guard let repository = reference.repository else { continue }
            if let tag = reference.tag { images.insert(.tag(repository, tag)) }
            if let pinned = reference.pinned { digests.insert(pinned) }
        }
        return entries.compactMap { entry in
            let text = entry.override.matcher.description
            let image = try? DigestReference(entry.override.newImage)
            let isUsed: Bool
            switch entry.override.matcher {
            case .image:
                let reference = try? ImageReference(text)
                isUsed =
                    texts.contains(text) || reference.map { images.contains($0) } == true
                    || image.map { digests.contains($0) } == true
            default: isUsed = texts.contains { entry.override.matcher.matches($0) }
            }
            guard !isUsed else { return nil }
            let repository = (try? ImageReference(text).repository) ?? image?.repository
            return CheckedReference(
                path: path,
                region: entry.region,
                text: text,
                content: repository.map { .image($0, tag: nil, digest: image?.digest) } ?? .invalid("")
            )
        }
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
