import ContainerImage
import ImageStore

/// What a registry said.
enum RegistryAnswer<Value: Sendable>: Sendable {
    /// It is this.
    case value(Value)
    /// It isn't there.
    case absent
    /// There was no answer that says anything.
    case failed(HintedText)

    /// Asks, and takes errors for answers; nil is for what isn't there.
    ///
    /// - Throws: `CancellationError` alone.
    static func of(_ question: () async throws -> Value?) async throws -> RegistryAnswer {
        do {
            guard let value = try await question() else { return .absent }
            return .value(value)
        } catch {
            try Task.checkCancellation()
            if let error = error as? any StoreError, error.meansAbsence { return .absent }
            return .failed(HintedText(describing: error))
        }
    }

    var value: Value? { if case .value(let value) = self { value } else { nil } }
}
