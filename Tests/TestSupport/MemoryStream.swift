public import ContainerImage
public import ImageStore
import Synchronization

/// Blobs that come one after the other, each once.
public final class MemoryStream: BlobStream {
    /// What to call it in messages.
    public let name = "stream"
    private let rest: Mutex<[[UInt8]]>
    private let error: (any Error)?

    /// Creates a stream of `blobs`, which ends in an error where there is one.
    public init(_ blobs: [[UInt8]], throwing error: (any Error)? = nil) {
        rest = Mutex(blobs)
        self.error = error
    }

    /// The next blob.
    public func next() async throws -> (blob: Descriptor, body: BlobBody)? {
        guard let bytes = rest.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
            if let error { throw error }
            return nil
        }
        return (Descriptor(.octetStream, of: bytes), BlobBody(pieces: bytes[...]))
    }
}
