public import ContainerImage

extension ImageDestination {
    /// Takes a small blob that is in memory already.
    ///
    /// - Parameter mediaType: What the bytes are.
    /// - Returns: What a manifest says of the blob.
    /// - Throws: What ``upload(_:from:counting:)`` throws.
    public func upload(_ bytes: [UInt8], as mediaType: MediaType) async throws -> Descriptor {
        let blob = Descriptor(mediaType: mediaType, digest: Digest(of: bytes), size: Int64(bytes.count))
        try await upload(blob, from: BlobInMemory(bytes: bytes), counting: nil)
        return blob
    }
}

/// One blob, and no manifest.
private struct BlobInMemory: ImageSource {
    let bytes: [UInt8]

    var name: String { "memory" }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw BlobError.tooShort(digest, expected: 1, received: 0)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        BlobBody(bytes.dropFirst(Int(min(offset, Int64(bytes.count)))))
    }
}
