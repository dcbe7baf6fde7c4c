public import ContainerImage
public import ImageStore
public import NIOCore

/// Where a registry keeps what it is given.
public protocol RegistryStorage: RegistryContent {
    /// At most `count` bytes of a blob from `offset` on; empty at the end.
    func read(_ blob: Digest, at offset: Int64, count: Int) async throws -> ByteBuffer
    /// Makes a blob of one repository, or of any, one of another's; false where it isn't there.
    func mount(_ blob: Digest, from source: String?, to repository: String) async throws -> Bool
    /// Takes a blob out of a repository; false where it isn't there. What no repository has any more is freed.
    func remove(_ blob: Digest, from repository: String) async throws -> Bool

    /// Adds bytes to an upload; at the offset 0 it begins.
    ///
    /// - Throws: Nothing of these bytes counts then, and the upload is not to be gone on with.
    func append(_ bytes: ByteBuffer, to upload: String, at offset: Int64) throws
    /// At most `count` bytes of an upload from `offset` on.
    func read(upload: String, at offset: Int64, count: Int) throws -> ByteBuffer
    /// Makes an upload, whose digest has been checked, a blob of a repository. When this returns, the blob survives a
    /// power cut.
    ///
    /// - Parameter size: How many bytes it has been given.
    /// - Throws: When what is stored isn't of that size, or isn't sure to stay.
    func commit(upload: String, size: Int64, as blob: Digest, in repository: String) async throws
    /// Frees the bytes of an upload.
    func cancel(upload: String)

    /// Keeps a manifest.
    func put(_ manifest: RawManifest, in repository: String) async throws
    /// Takes a manifest, and the tags that name it, out of a repository; false where it isn't there.
    func remove(manifest digest: Digest, from repository: String) async throws -> Bool
    /// Makes a tag name a manifest, or, for nil, nothing.
    func tag(_ tag: String, as digest: Digest?, in repository: String) async throws
}

extension RegistryStorage {
    /// The bytes as they are read.
    public func content(of blob: Digest, in range: Range<Int64>) async throws -> BlobBody {
        BlobBody(StoredChunks(storage: self, blob: blob, range: range))
    }

    /// The manifests about another one, by way of an index that this storage keeps up.
    func referrers(
        to subject: Digest,
        in repository: String,
        by index: ReferrerIndex
    ) async throws -> [RawManifest] {
        let digests = try await index.referrers(to: subject, in: repository) {
            let all = try await manifests(in: repository)
            guard !all.isEmpty else { return nil }
            var subjects: [Digest: Digest] = [:]
            for digest in all {
                subjects[digest] = try await undamagedManifest(digest, in: repository)?.referrerDescriptor?.subject
            }
            return subjects
        }
        var found: [RawManifest] = []
        for digest in digests {
            if let manifest = try await undamagedManifest(digest, in: repository) { found.append(manifest) }
        }
        return found
    }

    /// A manifest; nil where it isn't there, or its file is damaged, which is told to those that ask for it.
    private func undamagedManifest(_ digest: Digest, in repository: String) async throws -> RawManifest? {
        do {
            return try await manifest(digest, in: repository)
        } catch let error as StorageError where error.isDamage {
            return nil
        }
    }

    /// The digest of what an upload has, by another algorithm than the one that went along.
    func digest(ofUpload id: String, size: Int64, by algorithm: Digest.Algorithm) throws -> Digest {
        var digester = Digester(algorithm)
        var offset: Int64 = 0
        while offset < size {
            let piece = try read(upload: id, at: offset, count: Int(min(size - offset, 512 << 10)))
            guard piece.readableBytes > 0 else { throw RegistryResponseError.unreadable }
            piece.withUnsafeReadableBytes { digester.update($0) }
            offset += Int64(piece.readableBytes)
        }
        return digester.finish()
    }
}
