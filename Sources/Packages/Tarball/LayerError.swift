public import ContainerImage

/// A failure to copy a layer.
public struct LayerError: HintedError, Sendable {
    /// The layer.
    public let layer: Digest
    /// Where it was to come from.
    public let source: String
    /// What happened.
    public let cause: any Error

    /// Creates the failure of a layer.
    public init(layer: Digest, source: String, cause: any Error) {
        self.layer = layer
        self.source = source
        self.cause = cause
    }

    /// Runs `body`; what it throws comes out with the layer's name, unless it is about the package itself.
    static func naming<Value>(
        _ entry: ArchivePlan.Entry,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            if error is CancellationError || error is ArchiveError { throw error }
            throw LayerError(layer: entry.layer.digest, source: entry.repository.description, cause: error)
        }
    }

    /// What failed, with the layer and its source.
    public var message: HintedText { "Copying layer \(layer) of \(source): \(cause)" }
}
