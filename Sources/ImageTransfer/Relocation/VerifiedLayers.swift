import ContainerImage
import ImageStore

/// Layers that are verified one after the other, for those that wait for them.
struct VerifiedLayers: Sendable {
    private typealias Sources = AsyncStream<any ImageSource>

    private let gates: [Digest: (stream: Sources, continuation: Sources.Continuation)]
    private let start = AsyncStream.makeStream(of: Void.self)

    /// Creates a record of layers of which none is verified yet.
    init(_ digests: [Digest]) {
        gates = Dictionary(digests.map { ($0, Sources.makeStream()) }) { first, _ in first }
    }

    /// The layer of `digest` is verified, and `source` has its bytes.
    func add(_ source: any ImageSource, for digest: Digest) {
        gates[digest]?.continuation.yield(source)
        start.continuation.finish()
    }

    /// Waits for the first layer.
    func first() async throws {
        for await _ in start.stream {}
        try Task.checkCancellation()
    }

    /// Waits for the layer of `digest`, for which one can wait once.
    ///
    /// - Throws: `CancellationError`, which is also what the failure of another layer brings.
    func source(of digest: Digest) async throws -> any ImageSource {
        if let gate = gates[digest] {
            for await source in gate.stream { return source }
        }
        throw CancellationError()
    }
}
