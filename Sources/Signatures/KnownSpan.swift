import FoundationEssentials
import Synchronization
import X509

/// When a chain of certificates, the same for all signatures, is valid: it is built and checked once, as of all that is
/// checked of it only the certificates' own times depend on when.
final class KnownSpan: Sendable {
    private let span = Mutex<ClosedRange<Date>?>(nil)

    /// Whether the chain was found to be valid, and is so at `time`.
    func contains(_ time: Date) -> Bool { span.withLock { $0?.contains(time) == true } }

    /// Notes a chain that is valid at some time, and so at all times at which each of its certificates is.
    func note(_ chain: [Certificate]) {
        guard let found = Self.span(of: chain) else { return }
        span.withLock { $0 = found }
    }

    /// When each certificate of `chain` is valid; nil for never.
    static func span(of chain: [Certificate]) -> ClosedRange<Date>? {
        guard let from = chain.map(\.notValidBefore).max(), let until = chain.map(\.notValidAfter).min(), from <= until
        else { return nil }
        return from...until
    }
}
