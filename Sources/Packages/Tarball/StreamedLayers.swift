import ContainerImage
public import ImageStore
import NIOCore

/// The layers of a package in a pipe as a store of which each layer can be had once, and in the pipe's order.
struct StreamedLayers: ImageSource {
    let stream: ArchiveStream
    /// The last layer that is wanted; what follows it in the pipe is read as well, so that who writes there comes to an
    /// end, too.
    let last: Digest?

    var name: String { stream.name }
    var isRepeatable: Bool { false }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw ArchiveError.missingEntry(path: name, name: digest.description)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        while let (next, body) = try await stream.next() {
            guard next.digest == blob.digest, offset == 0 else { continue }
            return next.digest == last ? BlobBody(LastBody(body: body, stream: stream)) : body
        }
        // It was there, but before others that are needed first.
        throw ArchiveError.damaged(
            path: name,
            entry: ArchivePlan.entryName(of: blob.digest),
            reason: "the layers don't come in the order of their digests; give the package as a file"
        )
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
        let layers = StreamedLayers(stream: stream, last: plan.entries.last?.layer.digest)
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
