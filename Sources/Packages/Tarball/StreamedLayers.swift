import ContainerImage
public import ImageStore
import NIOCore
import Synchronization

/// The layers of a package in a pipe as a store of which each layer can be had once, and in the pipe's order. Small ones
/// that come before their turn, such as signatures, are kept until then.
final class StreamedLayers: ImageSource {
    private let stream: ArchiveStream
    private let wanted: Set<Digest>
    /// The last layer that is wanted; what follows it in the pipe is read as well, so that who writes there comes to an
    /// end, too.
    private let last: Digest?
    private let kept = Mutex<[Digest: [UInt8]]>([:])

    /// The largest layer that is kept, and all of them together, in bytes.
    private static let sizeLimit: Int64 = 1 << 20
    private static let memoryLimit = 64 << 20

    /// Creates a store of what `plan` lays out.
    init(_ stream: ArchiveStream, for plan: ArchivePlan) {
        self.stream = stream
        wanted = Set(plan.entries.map(\.layer.digest))
        last = plan.entries.last?.layer.digest
    }

    var name: String { stream.name }
    var isRepeatable: Bool { false }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw ArchiveError.missingEntry(path: name, name: digest.description)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        if offset == 0, let bytes = kept.withLock({ $0.removeValue(forKey: blob.digest) }) {
            return ended(BlobBody(bytes[...]), of: blob)
        }
        while let (next, body) = try await stream.next() {
            if next.digest == blob.digest, offset == 0 { return ended(body, of: blob) }
            try await keep(next, body)
        }
        // It was there, but before others that are needed first.
        throw ArchiveError.damaged(
            path: name,
            entry: ArchivePlan.entryName(of: blob.digest),
            reason: "the layers don't come in the order of their digests; give the package as a file"
        )
    }

    private func ended(_ body: BlobBody, of blob: Descriptor) -> BlobBody {
        blob.digest == last ? BlobBody(LastBody(body: body, stream: stream)) : body
    }

    /// Takes a layer into memory whose turn may come.
    private func keep(_ layer: Descriptor, _ body: BlobBody) async throws {
        let total = kept.withLock { $0.values.reduce(0) { $0 + $1.count } }
        guard wanted.contains(layer.digest), layer.size <= Self.sizeLimit, total < Self.memoryLimit else { return }
        var bytes: [UInt8] = []
        for try await chunk in body { bytes.append(contentsOf: chunk.readableBytesView) }
        kept.withLock { $0[layer.digest] = bytes }
    }
}

/// The bytes of the last layer that is wanted, and then the rest of the pipe without them.
private struct LastBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let body: BlobBody
    let stream: ArchiveStream

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        let stream: ArchiveStream

        mutating func next() async throws -> ByteBuffer? {
            if let chunk = try await base.next() { return chunk }
            while try await stream.next() != nil { try Task.checkCancellation() }
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: body.makeAsyncIterator(), stream: stream) }
}

extension ArchiveWriter {
    /// Writes what `plan` lays out of a package in a pipe, whose layers must come in the order of their digests.
    ///
    /// - Throws: As ``write(_:from:atMost:progress:)``; `ArchiveError` when the stream isn't as it must be.
    public func write(
        _ plan: ArchivePlan,
        streaming stream: ArchiveStream,
        progress: TransferProgress? = nil
    ) async throws {
        let layers = StreamedLayers(stream, for: plan)
        if plan.entries.isEmpty { while try await stream.next() != nil { try Task.checkCancellation() } }
        guard PackagePath.isStream(path) else {
            return try await ArchiveWriter(path: path, resumes: false)
                .write(plan, from: { _ in layers }, atMost: 1, progress: progress)
        }
        var output = try await StreamOutput(path: path)
        try await ArchiveStreamWriter(plan, from: { _ in layers }, atMost: 1, readingAhead: false, progress: progress)
            .write(to: &output)
    }
}
