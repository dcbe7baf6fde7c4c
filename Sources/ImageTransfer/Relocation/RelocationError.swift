public import ContainerImage

/// What can't be copied.
public struct RelocationError: HintedError, Sendable {
    /// The image, manifest or blob.
    public let what: String
    /// The repository that it was to go to.
    public let to: String
    /// What happened.
    public let cause: any Error

    /// What failed, on what, and why.
    public var message: HintedText { "Copying \(what) to \(to): \(cause)" }

    /// Runs `body`; what it throws comes out with the name of what was copied.
    static func naming<Value>(
        _ what: @autoclosure () -> String,
        to destination: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            if error is CancellationError { throw error }
            throw RelocationError(what: what(), to: destination, cause: error)
        }
    }
}
