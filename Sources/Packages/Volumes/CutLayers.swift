import Algorithms
import ContainerImage
import ImageStore

/// The layers of which several volumes have all parts together.
struct CutLayers: Sendable {
    /// Where the parts of each are, in order.
    private var slices: [Digest: [FileSlice]] = [:]

    /// Creates what `archives` have.
    init(_ archives: [ArchiveReader]) {
        for archive in archives {
            for layer in archive.metadata.volume?.cut ?? [] where slices[layer.digest] == nil {
                let found = layer.parts.enumerated().compactMap { number, part in
                    archives.lazy.filter { $0.metadata.volume?.number == part.volume }
                        .compactMap { $0.slice(ofPart: number + 1, of: layer.digest, size: part.size) }.first
                }
                if found.count == layer.parts.count, !found.isEmpty { slices[layer.digest] = found }
            }
        }
    }

    /// The layers.
    var digests: Set<Digest> { Set(slices.keys) }

    /// Whether all parts of a layer are there.
    func contains(_ digest: Digest) -> Bool { slices[digest] != nil }

    /// The files that have the parts of a layer; nil for one that isn't there.
    func paths(of digest: Digest) -> [String]? { slices[digest].map { $0.map(\.file.path).uniqued().map(\.self) } }

    /// The bytes of a layer from `offset` on; nil for one that isn't there.
    func content(of digest: Digest, from offset: Int64) -> BlobBody? {
        guard let slices = slices[digest] else { return nil }
        var skipped = offset
        var pieces: [BlobBody] = []
        for slice in slices {
            if skipped >= slice.size {
                skipped -= slice.size
            } else {
                pieces.append(slice.content(from: skipped))
                skipped = 0
            }
        }
        return BlobBody(JoinedBodies(bodies: pieces))
    }
}

extension ArchiveReader {
    /// Where a part of a layer is; nil where it isn't, or has another size.
    fileprivate func slice(ofPart number: Int, of digest: Digest, size: Int64) -> FileSlice? {
        let name = ArchivePlan.partName(number, of: digest)
        guard let entry = entries[name], entry.size == size else { return nil }
        return FileSlice(file: file, offset: entry.offset, size: entry.size, name: name)
    }
}

/// Bodies, one behind the other.
private struct JoinedBodies: AsyncSequence, Sendable {
    typealias Element = BlobBody.Element
    typealias Failure = any Error
    let bodies: [BlobBody]

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<BlobBody>
        var current: BlobBody.AsyncIterator?

        mutating func next() async throws -> Element? {
            while true {
                if let element = try await current?.next() { return element }
                guard let body = rest.popFirst() else { return nil }
                current = body.makeAsyncIterator()
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bodies[...], current: nil) }
}
