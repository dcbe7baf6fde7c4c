public import ContainerImage

/// Blobs that come one after the other and can be read once, such as the layers of a package in a pipe.
public protocol BlobStream: Sendable {
    /// What to call this stream in messages.
    var name: String { get }

    /// The next blob, nil when all have come. Unread bytes of the one before are skipped.
    ///
    /// The body ends in an error when its bytes aren't the blob's.
    ///
    /// - Throws: When the stream is damaged, or ends before all of its blobs have come.
    func next() async throws -> (blob: Descriptor, body: BlobBody)?
}
