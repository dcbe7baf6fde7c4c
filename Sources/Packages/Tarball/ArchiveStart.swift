import ImageStore

/// From where on a package is written of which an earlier run has the beginning.
struct ArchiveStart: Sendable {
    /// Whether what comes before the layers is there.
    var hasHead = false
    /// The first entry that isn't there.
    var entry = 0
    /// What of its bytes is there, and its header; nil for none of both.
    var beginning: BlobVerifier?
}
