import AsyncAlgorithms
public import ContainerImage
public import ImageStore
import NIOCore
import Synchronization

/// Layers that come one after the other.
extension ImageRelocation {
    /// The largest layer that is taken into memory, so that the next can be read while it is sent, in bytes.
    private static let largestInMemory: Int64 = 4 << 20
    /// How many bytes of layers are kept in memory.
    private static let memoryLimit: Int64 = 16 << 20

    /// Copies all of `batches`; their layers come from `stream`, each as often as it is wanted. Manifests are
    /// pushed when all layers have come and were what they should be.
    ///
    /// - Throws: `RelocationError` naming the image or blob, and what is wrong with the stream.
    public func copy(_ batches: [ImageBatch], streaming stream: any BlobStream) async throws {
        let arrivals = try await arrivals(of: batches)
        let candidates = candidates(arrivals) { _ in SinglePassSource(name: stream.name) }
        let transfers = try await transfers(of: candidates, arrivals, among: batches)
        try await send(transfers, streaming: stream)
        try await finish(batches, arrivals, candidates, transfers)
    }

    /// Copies those blobs of `batches` that `stream`, a base or another destination has, and the images once there are all.
    ///
    /// - Returns: The layers that are lacking; empty where the images arrived.
    /// - Throws: As ``copy(_:streaming:)``.
    public func copyAvailable(
        _ batches: [ImageBatch],
        streaming stream: any BlobStream
    ) async throws -> Set<Digest> {
        let arrivals = try await arrivals(of: batches)
        let candidates = candidates(arrivals) { _ in SinglePassSource(name: stream.name) }
        let (transfers, lacking) = try await available(candidates, arrivals, among: batches)
        try await send(transfers, streaming: stream)
        guard lacking.isEmpty else {
            try await send(transfers.filter { !$0.isLayer })
            return Set(lacking.map(\.blob.digest))
        }
        try await finish(batches, arrivals, candidates, transfers)
        return []
    }

    /// Pushes the manifests, when all layers have come.
    private func finish(
        _ batches: [ImageBatch],
        _ arrivals: Arrivals,
        _ candidates: [Candidate],
        _ transfers: [BlobTransfer]
    ) async throws {
        let lost = rechecks ? try await lostManifests(below: arrivals.arrived) : []
        try await send(transfers.filter { !$0.isLayer })
        try await push(arrivals.fresh, lost, curing: cure(candidates, sent: transfers))
        try await tag(batches)
    }

    /// Sends the layers among `transfers` as they come.
    private func send(_ transfers: [BlobTransfer], streaming stream: any BlobStream) async throws {
        let layers = Dictionary(uniqueKeysWithValues: transfers.filter(\.isLayer).map { ($0.blob.digest, $0) })
        progress?.enter(
            .copy,
            items: layers.values.reduce(0) { $0 + $1.destinations.count },
            bytes: layers.values.byteTotal(\.destinationBytes)
        )
        try await withThrowingTaskGroup(of: Int64.self) { group in
            var held: Int64 = 0
            var running = 0
            while let (blob, body) = try await stream.next() {
                guard let transfer = layers[blob.digest] else { continue }
                guard blob.size <= Self.largestInMemory else {
                    try await pass(body, as: transfer)
                    continue
                }
                while running >= limit || (held > 0 && held + blob.size > Self.memoryLimit) {
                    guard let freed = try await group.next() else { break }
                    held -= freed
                    running -= 1
                }
                var bytes = ByteBuffer()
                for try await chunk in body { bytes.writeImmutableBuffer(chunk) }
                held += blob.size
                running += 1
                let source = MemorySource(bytes: bytes, name: stream.name, isVerified: true)
                group.addTask {
                    try await transfer.send(from: source, counting: progress) { place, source, item in
                        try await transfer.upload(to: place, from: source, counting: item)
                    }
                    return blob.size
                }
            }
            for try await _ in group {}
        }
    }

    /// Sends a layer that can be read once to all registries at once.
    private func pass(_ body: BlobBody, as transfer: BlobTransfer) async throws {
        let registries = Dictionary(grouping: transfer.destinations, by: \.repository.registry)
        let channels = registries.mapValues { _ in AsyncThrowingChannel<ByteBuffer, any Error>() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await transfer.send(counting: progress) { place, source, item in
                    let channel = channels[place.repository.registry] ?? AsyncThrowingChannel()
                    let body = SinglePassSource(name: source.name, origin: source.origin, body: BlobBody(channel))
                    try await transfer.upload(to: place, from: body, counting: item)
                    // What was mounted isn't read; the other registries wait for it to pass.
                    for try await _ in channel {}
                }
            }
            group.addTask {
                do {
                    // One piece stays behind: the last goes out when all have been verified.
                    var last: ByteBuffer?
                    for try await chunk in body {
                        if let last { for channel in channels.values { await channel.send(last) } }
                        last = chunk
                        try Task.checkCancellation()
                    }
                    if let last { for channel in channels.values { await channel.send(last) } }
                    for channel in channels.values { channel.finish() }
                } catch {
                    for channel in channels.values { channel.fail(error) }
                    throw error
                }
            }
            for try await _ in group {}
        }
    }
}

/// A blob that passes by once.
private final class SinglePassSource: ImageSource {
    let name: String
    let origin: Repository?
    private let body: Mutex<BlobBody?>

    init(name: String, origin: Repository? = nil, body: BlobBody? = nil) {
        self.name = name
        self.origin = origin
        self.body = Mutex(body)
    }

    var isRepeatable: Bool { false }
    /// The body ends in an error when its bytes are wrong, and its last piece comes when all have been verified.
    var isVerified: Bool { true }

    func manifest(_ digest: Digest) async throws -> RawManifest { throw PassedBlobError(digest: digest, name: name) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        guard offset == 0, let body = body.withLock({ $0.take() }) else {
            throw PassedBlobError(digest: blob.digest, name: name)
        }
        return body
    }
}

/// A blob that would have to be read a second time from where it comes once.
struct PassedBlobError: ContentError, Sendable, CustomStringConvertible {
    let digest: Digest
    let name: String

    var description: String {
        "sending \(digest) was cut off, and \(name) can't be read again; run it again: what arrived isn't resent"
    }
}
