public import ContainerImage
public import ImageStore
import NIOCore
import SystemPackage

/// Reads a package from a file: its entries by name, in any order (docs/format.md, "Reading").
public struct ArchiveReader: Sendable {
    /// The file's path.
    public let path: String
    /// The images and indexes that the package holds, verified against their digests.
    public let trees: [ImageTree]
    /// The package's metadata.
    public let metadata: PackageMetadata
    /// Whether kbld or imgpkg wrote it.
    public let format: PackageFormat
    /// The tags and origins that imgpkg records, and the tags of the metadata.
    public let names: [ImageReference: Digest]
    /// The file's size, in bytes.
    public var size: Int64 { file.size }
    let file: RandomAccessFile
    let entries: [String: TarContents.Entry]
    private let manifests: [Digest: RawManifest]
    private let configs: [Digest: [UInt8]]
    /// The digests of `manifest.json` and of the metadata as they were read: a signature is about these.
    let sealed: (manifest: Digest, metadata: Digest?)

    /// The largest `manifest.json` that is taken, in bytes: what is read at once fits into it.
    static let manifestLimit: Int64 = 2 * ImageTree.bytesLimit

    /// Opens the package, reads what it holds and verifies the manifests; layers are verified when they are read.
    ///
    /// - Throws: `ArchiveError` naming the entry that is not as it must be.
    public init(path: String) throws(ArchiveError) {
        let file = try RandomAccessFile(path: path)
        try self.init(file, try TarIndex.contents(of: file))
    }

    /// Reads what the package in `file` holds, whose entries are known.
    ///
    /// - Throws: `ArchiveError` naming the entry that is not as it must be.
    package init(_ file: RandomAccessFile, _ contents: TarContents) throws(ArchiveError) {
        path = file.path
        self.file = file
        entries = contents.files
        guard let entry = entries["manifest.json"] else { throw .missingEntry(path: path, name: "manifest.json") }
        guard entry.size <= Self.manifestLimit else {
            throw .damaged(path: path, entry: "manifest.json", reason: "it claims \(entry.size) bytes")
        }
        let bytes = try file.bytes(at: entry.offset, count: Int(entry.size), entry: "manifest.json")
        let entries = entries
        var manifest = try PackageManifest(decoding: bytes, path: path)
        format = manifest.isFromImgpkg ? .imgpkg : .kbld
        let manifestDigest = Digest(of: bytes)
        var metadataDigest: Digest?
        var metadata = PackageMetadata()
        if let entry = entries[PackageMetadata.entryName] {
            guard entry.size <= Self.manifestLimit else {
                throw .damaged(path: path, entry: PackageMetadata.entryName, reason: "it claims \(entry.size) bytes")
            }
            let bytes = try file.bytes(at: entry.offset, count: Int(entry.size), entry: PackageMetadata.entryName)
            metadata = try PackageMetadata(decoding: bytes, path: path)
            metadataDigest = Digest(of: bytes)
        }
        sealed = (manifestDigest, metadataDigest)
        var trees = try manifest.takeTrees(path: path, without: metadata.absentDigests) {
            digest throws(ArchiveError) in
            let name = "\(digest.replacing(":", with: "-")).tar.gz"
            guard let entry = entries[name], entry.size <= Int64(ImageConfig.sizeLimit) else { return nil }
            return try file.bytes(at: entry.offset, count: Int(entry.size), entry: name)
        }
        metadata = try metadata.checked(against: trees, path: path)
        self.metadata = metadata
        let omitted = metadata.omittedDigests
        trees.includeNonDistributable {
            entries[ArchivePlan.entryName(of: $0.digest)] != nil || omitted.contains($0.digest)
        }
        self.trees = trees
        names = manifest.recordedNames.merging(metadata.taggedNames) { $1 }
        var manifests: [Digest: RawManifest] = [:]
        var configs: [Digest: [UInt8]] = [:]
        for tree in trees.flatMap(\.all) { manifests[tree.manifest.digest] = tree.manifest }
        for leaf in trees.flatMap(\.images) { configs[leaf.parsed.config.digest] = leaf.config }
        self.manifests = manifests
        self.configs = configs
        for layer in trees.flatMap(\.images).flatMap(\.packagedLayers) {
            let name = ArchivePlan.entryName(of: layer.digest)
            guard let entry = entries[name] else {
                if omitted.contains(layer.digest) { continue }
                throw .missingEntry(path: path, name: name)
            }
            guard entry.size == layer.size else {
                throw .damaged(
                    path: path,
                    entry: name,
                    reason: "it has \(entry.size) bytes, but the manifest says \(layer.size)"
                )
            }
        }
    }
}

extension ArchiveReader {
    /// The layers that have no entries, because the other side has them: those of a delta.
    public var omitted: Set<Digest> { metadata.omittedDigests }

    /// Whether the layer of `digest` has an entry.
    public func holds(_ digest: Digest) -> Bool { entries[ArchivePlan.entryName(of: digest)] != nil }
}

extension ArchiveReader: ImageSource {
    /// The package's path.
    public var name: String { path }

    /// A manifest of the package.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        guard let manifest = manifests[digest] else {
            throw ArchiveError.missingEntry(path: path, name: digest.description)
        }
        return manifest
    }

    /// A config's or layer's bytes.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        if let config = configs[blob.digest] {
            return BlobBody(SingleChunk(buffer: ByteBuffer(bytes: config.dropFirst(Int(offset)))))
        }
        let name = ArchivePlan.entryName(of: blob.digest)
        guard let entry = entries[name] else {
            if omitted.contains(blob.digest) { throw ArchiveError.omitted(path: path, blob.digest) }
            throw ArchiveError.missingEntry(path: path, name: name)
        }
        return file.content(from: entry.offset + offset, to: entry.offset + entry.size, entry: name)
    }
}

extension ArchiveReader: ImagePackage {
    /// Where a layer's entry is.
    public func place(of layer: Descriptor) -> FileSlice? {
        let name = entryName(of: layer)
        return entries[name].map { FileSlice(file: file, offset: $0.offset, size: $0.size, name: name) }
    }

    /// The name of a layer's entry.
    public func entryName(of layer: Descriptor) -> String { ArchivePlan.entryName(of: layer.digest) }
}

private struct SingleChunk: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let buffer: ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var buffer: ByteBuffer?

        mutating func next() async throws -> ByteBuffer? {
            defer { buffer = nil }
            return buffer
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(buffer: buffer.readableBytes > 0 ? buffer : nil) }
}
