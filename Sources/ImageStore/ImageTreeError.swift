public import ContainerImage

/// The reason a tree of images can't be read.
public enum ImageTreeError: HintedError, Sendable {
    /// Reading the image failed.
    case unreadable(DigestReference, any Error)
    /// Indexes within indexes, deeper than anyone means.
    case tooDeep(DigestReference)
    /// More entries than anyone means, when each is counted as often as it is led to.
    case tooMany(DigestReference)
    /// More bytes of manifests and configs than are held in memory.
    case tooLarge(DigestReference)
    /// An index's entry is of a type that is neither an image's nor an index's, and can't be read as one.
    case foreignEntry(DigestReference, MediaType, in: DigestReference, any Error)

    /// The image or index.
    public var reference: DigestReference {
        switch self {
        case .unreadable(let reference, _), .tooDeep(let reference), .tooMany(let reference), .tooLarge(let reference),
            .foreignEntry(let reference, _, in: _, _):
            reference
        }
    }

    /// What failed, with the reference.
    public var message: HintedText {
        switch self {
        case .unreadable(let reference, let error): "Reading image \(reference): \(error)"
        case .tooDeep(let reference):
            "Reading image \(reference): indexes are nested more than \(ImageTree.depthLimit) deep"
        case .tooMany(let reference):
            "Reading image \(reference): it refers to more than \(ImageTree.countLimit) images"
        case .tooLarge(let reference):
            "Reading image \(reference): the manifests and configs exceed "
                + "\(ByteCount(ImageTree.bytesLimit)), the most that is read at once; use fewer images at a time"
        case .foreignEntry(let reference, let type, let index, let error):
            "Reading image \(reference): index \(index.digest) lists it as '\(type)', which is neither an image nor an "
                + "index and can't be copied: \(error)"
        }
    }
}
