public import ContainerImage
public import ImageStore
import NIOCore
import Synchronization

/// Reads a package from its first byte to its last, from where there is no going back: standard input, a pipe.
///
/// `manifest.json` must come first, as it does in every package that was written by this program or the original.
public final class ArchiveStream: Sendable {
    /// The images and indexes that the package holds, verified against their digests.
    public let trees: [ImageTree]
    /// The package's metadata.
    public let metadata: PackageMetadata
    /// The tags and origins that imgpkg records, and the tags of the metadata.
    public let names: [ImageReference: Digest]
    /// What its signature is about; nil for a package without one.
    public let seal: PackageSeal?
    private let tar: TarStream
    private let awaited: Mutex<[String: Awaited]>
    /// An entry that was read to see what it is.
    private let pending: Mutex<TarStream.Entry?>

    private struct Awaited: Sendable {
        let layer: Descriptor
        let isNeeded: Bool
        var hasCome = false
    }

    /// Opens `path` and reads what the package holds; its layers follow.
    ///
    /// - Throws: `ArchiveError` naming the entry that is not as it must be.
    public convenience init(path: String) async throws {
        try await self.init(ExpandedStream(StreamInput(path: path)))
    }

    /// Reads what the package holds; its layers follow.
    init(_ input: ExpandedStream) async throws {
        let tar = TarStream(input)
        self.tar = tar
        guard let entry = try await tar.next() else {
            throw ArchiveError.missingEntry(path: tar.name, name: "manifest.json")
        }
        guard entry.name == "manifest.json" else { throw ArchiveError.manifestNotFirst(path: tar.name, entry.name) }
        let bytes = try await tar.bytes(of: entry, limit: ArchiveReader.manifestLimit)
        let manifest = try PackageManifest(decoding: bytes, path: tar.name)
        // A signature comes next, if any, and then the metadata.
        var seal: PackageSeal?
        var metadata = PackageMetadata()
        var next = try await tar.next()
        if let entry = next, entry.name == PackageSeal.entryName {
            let signature = try await tar.bytes(of: entry, limit: PackageSeal.sizeLimit)
            seal = PackageSeal(manifest: Digest(of: bytes), signature: signature)
            next = try await tar.next()
        }
        if let entry = next, entry.name == PackageMetadata.entryName {
            let bytes = try await tar.bytes(of: entry, limit: ArchiveReader.manifestLimit)
            metadata = try PackageMetadata(decoding: bytes, path: tar.name)
            seal?.metadata = Digest(of: bytes)
            next = nil
        }
        var trees = try manifest.verifiedTrees(path: tar.name, without: metadata.absentDigests) {
            digest throws(ArchiveError) in
            throw .badManifest(
                path: tar.name,
                reason: "the config \(digest) is not UTF-8 and has its own entry; give the package as a file"
            )
        }
        metadata = try metadata.checked(against: trees, path: tar.name)
        self.metadata = metadata
        self.seal = seal
        pending = Mutex(next)
        names = manifest.recordedNames.merging(metadata.taggedNames) { $1 }
        let carried = Set(trees.flatMap(\.images).flatMap(\.packagedLayers).map(\.digest))
        let needed = carried.subtracting(metadata.omittedDigests)
        // Whether other layers were taken along isn't known before they come.
        trees.includeNonDistributable { _ in true }
        self.trees = trees
        var awaited: [String: Awaited] = [:]
        var total: Int64 = 0
        for layer in trees.flatMap(\.images).flatMap(\.packagedLayers) {
            let name = ArchivePlan.entryName(of: layer.digest)
            guard
                awaited.updateValue(Awaited(layer: layer, isNeeded: needed.contains(layer.digest)), forKey: name) == nil
            else { continue }
            let (sum, overflow) = total.addingReportingOverflow(layer.size)
            guard !overflow else {
                throw ArchiveError.badManifest(path: tar.name, reason: "the sizes of its layers are too large")
            }
            total = sum
        }
        self.awaited = Mutex(awaited)
    }

    private func nextEntry() async throws -> TarStream.Entry? {
        if let entry = pending.withLock({ $0.take() }) { return entry }
        return try await tar.next()
    }
}

extension ArchiveStream {
    /// The layer that comes next; it stays there. Nil where something else does, or nothing.
    ///
    /// - Throws: `ArchiveError` when the stream isn't as it must be.
    public func nextLayer() async throws -> Digest? {
        guard let entry = try await nextEntry() else { return nil }
        pending.withLock { $0 = entry }
        return awaited.withLock { $0[entry.name]?.layer.digest }
    }
}

extension ArchiveStream: BlobStream {
    /// The stream's name.
    public var name: String { tar.name }

    /// The next layer.
    ///
    /// - Throws: `ArchiveError` when an entry has another size than its layer, or the stream ends without all layers.
    public func next() async throws -> (blob: Descriptor, body: BlobBody)? {
        while let entry = try await nextEntry() {
            guard
                let found = awaited.withLock({ awaited in
                    defer { awaited[entry.name]?.hasCome = true }
                    return awaited[entry.name]
                })
            else {
                // Elsewhere they would count.
                guard entry.name != PackageMetadata.entryName else {
                    throw ArchiveError.damaged(
                        path: tar.name,
                        entry: entry.name,
                        reason: "it must follow 'manifest.json' in a stream; give the package as a file"
                    )
                }
                continue
            }
            guard !found.hasCome else {
                throw ArchiveError.damaged(
                    path: tar.name,
                    entry: entry.name,
                    reason: "there are two entries with this name"
                )
            }
            let layer = found.layer
            guard entry.size == layer.size else {
                throw ArchiveError.damaged(
                    path: tar.name,
                    entry: entry.name,
                    reason: "it has \(entry.size) bytes, but the manifest says \(layer.size)"
                )
            }
            return (layer, BlobBody(EntryBody(tar: tar, entry: entry, layer: layer)))
        }
        let missing = awaited.withLock { $0.filter { $1.isNeeded && !$1.hasCome }.keys.min() }
        if let missing { throw ArchiveError.missingEntry(path: tar.name, name: missing) }
        return nil
    }
}

/// The bytes of an entry, which are those of a layer or end in an error that names the entry.
private struct EntryBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let tar: TarStream
    let entry: TarStream.Entry
    let layer: Descriptor

    struct AsyncIterator: AsyncIteratorProtocol {
        let body: EntryBody
        var verifier: BlobVerifier

        mutating func next() async throws -> ByteBuffer? {
            do {
                guard let chunk = try await body.tar.chunk(of: body.entry) else {
                    try verifier.finish()
                    return nil
                }
                try verifier.update(chunk)
                return chunk
            } catch let error as BlobError {
                throw ArchiveError.damaged(path: body.tar.name, entry: body.entry.name, reason: "\(error)")
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self, verifier: BlobVerifier(layer)) }
}
