import ContainerImage
import ImageStore
import NIOCore
import Signatures
import Synchronization

/// A stream of layers whose signatures are judged before any other layer is taken where they come first, as they do in
/// packages that were made for it, and else when all has come: before anything gets a name.
final class GatedStream: BlobStream {
    private struct State {
        var kept: [Digest: [UInt8]] = [:]
        var keptCount = 0
        var waiting: ArraySlice<Descriptor> = []
        var pending: (blob: Descriptor, body: BlobBody)?
        var isJudged = false
    }

    private let base: any BlobStream
    private let wanted: Set<Digest>
    private let judge: @Sendable (any ImageSource) async throws -> Void
    private let state = Mutex(State())

    /// The stream's name.
    var name: String { base.name }

    /// Creates a stream of what is in `base`.
    ///
    /// - Parameters:
    ///   - wanted: The layers with signatures.
    ///   - judge: Judges them; gets a source that has those that came.
    init(
        _ base: any BlobStream,
        wanting wanted: Set<Digest>,
        judge: @escaping @Sendable (any ImageSource) async throws -> Void
    ) {
        self.base = base
        self.wanted = wanted
        self.judge = judge
    }

    /// Reads the signatures that come first, and judges them if these are all.
    ///
    /// - Returns: Whether they were.
    /// - Throws: What judging them throws.
    func prepare() async throws -> Bool {
        while state.withLock({ $0.kept.count }) < wanted.count {
            guard let next = try await base.next() else { break }
            guard try await keep(next.blob, next.body) else {
                state.withLock { $0.pending = next }
                return false
            }
            state.withLock { $0.waiting.append(next.blob) }
        }
        try await judgeKept()
        return true
    }

    func next() async throws -> (blob: Descriptor, body: BlobBody)? {
        let first = state.withLock { state -> (blob: Descriptor, body: BlobBody)? in
            if let blob = state.waiting.popFirst() {
                // Once they are judged, they are needed for nothing else.
                let bytes = state.isJudged ? state.kept.removeValue(forKey: blob.digest) : state.kept[blob.digest]
                return (blob, BlobBody(bytes ?? []))
            }
            defer { state.pending = nil }
            return state.pending
        }
        if let first { return first }
        guard let next = try await base.next() else {
            if !state.withLock({ $0.isJudged }) { try await judgeKept() }
            return nil
        }
        guard !state.withLock({ $0.isJudged }), try await keep(next.blob, next.body) else { return next }
        return (next.blob, BlobBody(state.withLock { $0.kept[next.blob.digest] } ?? []))
    }

    /// How much is kept, in bytes. What doesn't fit is as if it weren't there.
    private static let memoryLimit = 256 << 20

    /// Takes a layer into memory if it is a signature.
    private func keep(_ blob: Descriptor, _ body: BlobBody) async throws -> Bool {
        let count = state.withLock { $0.keptCount }
        guard wanted.contains(blob.digest), blob.size <= ImageSignature.sizeLimit,
            Int64(count) + blob.size <= Int64(Self.memoryLimit)
        else { return false }
        var bytes: [UInt8] = []
        for try await chunk in body { bytes += chunk.readableBytesView }
        state.withLock {
            $0.kept[blob.digest] = bytes
            $0.keptCount += bytes.count
        }
        return true
    }

    private func judgeKept() async throws {
        try await judge(KeptBlobs(name: name, blobs: state.withLock { $0.kept }))
        state.withLock { $0.isJudged = true }
    }
}

/// Small blobs in memory.
struct KeptBlobs: ImageSource {
    let name: String
    let blobs: [Digest: [UInt8]]

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw BlobError.tooShort(digest, expected: 1, received: 0)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        guard let bytes = blobs[blob.digest] else {
            throw BlobError.tooShort(blob.digest, expected: blob.size, received: 0)
        }
        return BlobBody(bytes.dropFirst(Int(offset)))
    }
}
