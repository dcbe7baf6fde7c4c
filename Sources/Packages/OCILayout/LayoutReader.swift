public import ContainerImage
import FoundationEssentials
public import ImageStore

/// Reads an OCI image layout, from a folder or a tarball.
///
/// OCI image specification 1.1, "Image Layout".
public struct LayoutReader: ImagePackage {
    /// Where the layout is.
    public let path: String
    /// In a folder or a tarball.
    public let format: PackageFormat
    /// The images and indexes that `index.json` lists, once for each repository.
    public let trees: [ImageTree]
    /// The tags of `index.json`.
    public let names: [ImageReference: Digest]
    /// What kbld noted where it wrote the layout.
    public let metadata: PackageMetadata
    /// The digest of the `index.json` that was read.
    let indexDigest: Digest
    private let blobs: LayoutBlobs

    var files: any LayoutFiles { blobs.files }

    /// The largest `index.json` that is taken, in bytes.
    static let indexLimit: Int64 = 64 << 20

    /// Whether these files are a layout.
    static func recognizes(_ files: some LayoutFiles) throws(ArchiveError) -> Bool {
        guard try files.place(of: "oci-layout") != nil else { return false }
        return try files.place(of: "index.json") != nil
    }

    /// Reads what `index.json` leads to and verifies the manifests and configs.
    ///
    /// - Throws: `ArchiveError` naming what is not as it must be.
    init(_ files: some LayoutFiles, format: PackageFormat) throws {
        path = files.path
        self.format = format
        blobs = LayoutBlobs(files: files)
        let walk = try LayoutWalk(files)
        if let issue = walk.findings.first(where: { !$0.isWarning }) {
            guard issue.kind != .missing else { throw ArchiveError.missingEntry(path: path, name: issue.subject) }
            throw ArchiveError.damaged(path: path, entry: issue.subject, reason: issue.message)
        }
        trees = walk.trees
        names = walk.names
        metadata = walk.metadata
        indexDigest = walk.indexDigest
    }

    /// Makes sure that the layout is of a version that can be read.
    static func checkVersion(_ files: some LayoutFiles) throws(ArchiveError) {
        let bytes = try files.bytes(of: "oci-layout", limit: 4096)
        do throws(JSONAmbiguityError) {
            try JSONShape.object(knowing: ["imageLayoutVersion": .anything]).check(bytes)
        } catch {
            throw .damaged(path: files.path, entry: "oci-layout", reason: "\(error)")
        }
        guard let version = try? JSONDecoder().decode(Version.self, from: Data(bytes)) else {
            throw .damaged(path: files.path, entry: "oci-layout", reason: "it has no imageLayoutVersion")
        }
        guard version.imageLayoutVersion.hasPrefix("1.") else {
            throw .damaged(
                path: files.path,
                entry: "oci-layout",
                reason: "unsupported layout version '\(version.imageLayoutVersion)'; version 1 is supported"
            )
        }
    }

    private struct Version: Decodable {
        var imageLayoutVersion: String
    }

    /// A manifest of the layout.
    public func manifest(_ digest: Digest) async throws -> RawManifest { try await blobs.manifest(digest) }

    /// A blob of the layout.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await blobs.content(of: blob, from: offset)
    }

    /// Where a blob is.
    public func place(of layer: Descriptor) throws -> FileSlice? {
        try blobs.files.place(of: LayoutBlobs.name(of: layer.digest))
    }

    /// `blobs/sha256/<hex>`.
    public func entryName(of layer: Descriptor) -> String { LayoutBlobs.name(of: layer.digest) }
}

/// The blobs of a layout.
struct LayoutBlobs: ImageSource {
    let files: any LayoutFiles

    var name: String { files.path }

    static func name(of digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    /// Whether the blob has a file.
    func holds(_ blob: Descriptor) -> Bool { (try? files.place(of: Self.name(of: blob.digest))) != nil }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        let manifest = Self.manifest(
            try files.bytes(of: Self.name(of: digest), limit: Int64(RawManifest.sizeLimit)),
            by: digest.algorithm
        )
        guard manifest.digest == digest else {
            throw ArchiveError.damaged(
                path: files.path,
                entry: Self.name(of: digest),
                reason: "digest mismatch: content is \(manifest.digest)"
            )
        }
        return manifest
    }

    /// A manifest of these bytes. One without a type of its own is OCI's: OCI image specification, "Image Manifest".
    static func manifest(_ bytes: [UInt8], by algorithm: Digest.Algorithm) -> RawManifest {
        struct Probe: Decodable {
            var mediaType: MediaType?
            var manifests: [Descriptor]?
        }
        let probe = try? JSONDecoder().decode(Probe.self, from: Data(bytes))
        let type = probe?.mediaType ?? (probe?.manifests == nil ? .ociManifest : .ociIndex)
        return RawManifest(mediaType: type, bytes: bytes, by: algorithm)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        guard let place = try files.place(of: Self.name(of: blob.digest)) else {
            throw ArchiveError.missingEntry(path: files.path, name: Self.name(of: blob.digest))
        }
        return place.content(from: offset)
    }
}
