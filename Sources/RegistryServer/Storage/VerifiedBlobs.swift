import ContainerImage
import ImageStore
import Packages
import Synchronization

/// Blobs of packages that are given only once all of their bytes were compared with their digest, and as long as their
/// files stay what they were then.
final class VerifiedBlobs: Sendable {
    private let sources = Mutex<[Digest: any ImageSource]>([:])

    /// The bytes of `blob` from `offset` on.
    ///
    /// - Throws: `ArchiveError` where they aren't the blob's, before any of them is given.
    func content(of blob: Descriptor, in package: any ImagePackage, from offset: Int64) async throws -> BlobBody {
        if let known = sources.withLock({ $0[blob.digest] }) {
            do {
                return try await known.content(of: blob, from: offset)
            } catch {
                // The file was written to: it is verified anew.
                sources.withLock { $0[blob.digest] = nil }
            }
        }
        let check = try await package.check(of: blob)
        try await check.verify()
        sources.withLock { $0[blob.digest] = check.source }
        return try await check.source.content(of: blob, from: offset)
    }
}
