package import ContainerImage
package import ImageStore
package import Packages
import Synchronization

/// Blobs of packages that are given only once all of their bytes were compared with their digest, and as long as their
/// files stay what they were then.
package final class VerifiedBlobs: Sendable {
    private let sources = Mutex<[Digest: any ImageSource]>([:])
    private let verifications = SharedWork<Digest, any ImageSource>()

    /// Creates a place where no blob is verified yet.
    package init() {}

    /// The bytes of `blob` from `offset` on. Callers that ask for it at the same time wait for one verification.
    ///
    /// - Throws: `ArchiveError` where they aren't the blob's, before any of them is given.
    package func content(of blob: Descriptor, in package: any ImagePackage, from offset: Int64) async throws -> BlobBody
    {
        if let known = sources.withLock({ $0[blob.digest] }) {
            do {
                return try await known.content(of: blob, from: offset)
            } catch {
                // The file was written to: it is verified anew.
                sources.withLock { $0[blob.digest] = nil }
            }
        }
        let source = try await verifications.value(for: blob.digest) { [self] in
            // Another caller's verification may have ended just now.
            if let known = sources.withLock({ $0[blob.digest] }) { return known }
            let check = try await package.check(of: blob)
            try await check.verify()
            sources.withLock { $0[blob.digest] = check.source }
            return check.source
        }
        return try await source.content(of: blob, from: offset)
    }

    /// How many callers wait until a blob is verified.
    package func waiting(for digest: Digest) async -> Int { await verifications.waiting(for: digest) }
}
