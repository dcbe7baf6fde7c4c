import ContainerImage

/// What imgpkg's tarballs have beyond kbld's: `Tag`, `OrigRef` and `Labels` beside each image and index.
extension PackageManifest {
    private typealias Note = (references: [String]?, tag: String?, originalReference: String?)

    private var notes: [Note] {
        items.compactMap { item in
            item.image.map { ($0.refs, $0.tag, $0.originalReference) }
                ?? item.imageIndex.map { ($0.refs, $0.tag, $0.originalReference) }
        }
    }

    /// Whether imgpkg wrote the package.
    var isFromImgpkg: Bool { notes.contains { $0.tag != nil || $0.originalReference != nil } }

    /// The tags and original references, and what they named; malformed names are ignored.
    var recordedNames: [ImageReference: Digest] {
        var names: [ImageReference: Digest] = [:]
        for note in notes {
            guard let first = note.references?.first, let reference = try? DigestReference(first) else { continue }
            if let tag = note.tag, let tag = try? Tag(tag) {
                names[.tag(reference.repository, tag)] = reference.digest
            }
            if let text = note.originalReference, !text.isEmpty, let origin = try? ImageReference(text) {
                names[origin] = reference.digest
            }
        }
        return names
    }
}
