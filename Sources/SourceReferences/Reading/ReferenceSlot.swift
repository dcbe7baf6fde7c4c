/// How a reference is written in its file, and so how it is edited.
enum ReferenceSlot: Sendable, Hashable {
    /// It can't be edited.
    case none
    /// All of it in one value.
    case text(TextSlot)
    /// In several fields of a map.
    case fields(FieldSlot)
}

/// A reference in one value.
struct TextSlot: Sendable, Hashable {
    /// Where a comment with the tag may be written.
    enum CommentRoom: Sendable, Hashable {
        case none
        /// After the value, here.
        case trailing(Int)
        /// On a line of its own before the one that begins here.
        case lineBefore(Int)
    }

    /// Whether the bytes in the file are the text itself, without escapes.
    var isExact: Bool
    var room: CommentRoom
    /// The reference that a comment notes, and the comment's bytes with the space or line break that come with it.
    var note: Note?

    struct Note: Sendable, Hashable {
        var text: String
        var range: Range<Int>
    }
}

/// A reference whose digest has a field of its own, or none yet.
struct FieldSlot: Sendable, Hashable {
    /// The digest's value, with its quotes; nil where there is no such field.
    var digest: Range<Int>?
    /// The tag's value, where it may take the digest in.
    var tag: Range<Int>?
    /// Where a field for the digest may be inserted, and what comes before and after the digest there.
    var insertion: Insertion?
    /// The bytes of the digest's field, where all of it can be removed.
    var removal: Range<Int>?

    struct Insertion: Sendable, Hashable {
        var offset: Int
        var before: String
        var after: String
    }
}
