public import ContainerImage

/// An image reference in a file, with the place where it is written.
public struct SourceReference: Sendable, Hashable {
    /// What can be done with it.
    public enum Disposition: Sendable, Hashable {
        /// It is a reference, and can be edited.
        case reference
        /// It is a reference that can't be edited, for this reason: a block of text, a tag, an alias that is used elsewhere.
        case unsupported(String)
        /// It has variables or a template's actions in it, so that nobody knows the image: `nginx:${TAG}`.
        case interpolated
        /// It isn't a reference, for this reason.
        case invalid(String)
    }

    /// The reference as written, without quotes and without what else is in the value (`docker://`). Where it is written
    /// in several fields (`repository`, `tag`, `digest`) it is put together.
    public var text: String
    /// Its parts; nil where it isn't one.
    public var parsed: WrittenReference?
    /// What can be done with it.
    public var disposition: Disposition
    /// The bytes of the value in the file, without quotes; of several fields those of the first.
    public var range: Range<Int>
    /// Where the value begins.
    public var start: SourcePosition
    /// Where the value ends, which is on the same line.
    public var end: SourcePosition
    /// Where in the file's structure it is: `Deployment/shop spec.template.spec.containers[0].image`, `build FROM`.
    public var place: String
    /// The rules that comments turn off here.
    public var ignored: IgnoredRules
    /// What a comment beside a reference by digest alone says of it: `nginx@sha256:… # nginx:1.27`.
    public var note: WrittenReference?
    /// Whether neither tag nor digest is written in fields of their own, so that the tag comes from elsewhere.
    public var lacksTag = false
    /// Whether the digest has no field of its own and would have to go into the tag's.
    public var needsTagField = false
    /// Whether a comment with its tag can be written beside it.
    public var hasRoomForNote: Bool {
        guard case .text(let slot) = self.slot else { return false }
        return slot.note != nil || slot.room != .none
    }
    var slot: ReferenceSlot = .none

    /// Whether there is a digest.
    public var isPinned: Bool { parsed?.digest != nil }
    /// The name written out, with host and path: `index.docker.io/library/nginx`; nil where it isn't a reference.
    public var repository: Repository? { parsed.flatMap { try? $0.repository } }
    /// The tag: the written one, else that of the comment; `latest` where neither has one and there is no digest; nil
    /// where nobody knows.
    public var tag: Tag? {
        if let tag = parsed?.tag { return tag }
        if let note { return note.effectiveTag }
        return isPinned ? nil : parsed?.effectiveTag
    }
}
