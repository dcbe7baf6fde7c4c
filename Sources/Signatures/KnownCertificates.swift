import FoundationEssentials
import Synchronization
import X509

/// Certificates of signers that were found to be valid, and to be logged: one may have signed many images, and is checked
/// once, as of all that is checked of it only the times of its chain depend on when.
final class KnownCertificates: Sendable {
    /// A certificate with what came along to lead from it to an authority: without that it may not be valid.
    struct Key: Hashable {
        let der: [UInt8]
        let intermediates: [Certificate]
    }

    private struct Validity {
        let span: ClosedRange<Date>
        let period: ValidityPeriod
    }

    private let validities = Mutex<[Key: Validity]>([:])

    /// How many are kept.
    private static let countLimit = 1000

    /// Whether a certificate was found to be valid, and is so at `time`.
    func contains(_ key: Key, at time: Date) -> Bool {
        validities.withLock { $0[key].map { $0.span.contains(time) && $0.period.contains(time) } == true }
    }

    /// Notes that a certificate is valid, by a chain to `authority`, whose own certificates are valid as long as that says.
    func note(_ key: Key, _ chain: [Certificate], of authority: TrustedRoot.Authority) {
        guard let span = KnownSpan.span(of: chain + authority.chain) else { return }
        validities.withLock {
            if $0.count < Self.countLimit { $0[key] = Validity(span: span, period: authority.period) }
        }
    }
}
