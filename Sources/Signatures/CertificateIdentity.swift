import FoundationEssentials

/// Who may sign by a certificate: somebody for whom somebody else vouched.
public struct CertificateIdentity: Sendable {
    /// What a text must be.
    public enum Pattern: Sendable, Hashable {
        /// This text.
        case exact(String)
        /// A text that this regular expression matches, all of it.
        case expression(String)

        /// Creates a pattern of a regular expression.
        ///
        /// - Throws: `PatternError` where it is none.
        public init(expression text: String) throws(PatternError) {
            guard !text.isEmpty, (try? Regex(text)) != nil else { throw PatternError(text: text) }
            self = .expression(text)
        }

        /// The pattern as it is shown.
        var words: String {
            switch self {
            case .exact(let text): text
            case .expression(let text): "/\(text)/"
            }
        }
    }

    /// Whom the certificate was issued to: an address, a URI.
    public let subject: Pattern
    /// Who vouched for that: the URL of an OpenID provider.
    public let issuer: Pattern
    /// What is believed about certificates.
    public let root: TrustedRoot
    /// The identity as it is shown.
    let name: String
    /// What tells it from others.
    let id: String
    private let subjects: PatternMatcher
    private let issuers: PatternMatcher

    /// Creates an identity.
    public init(subject: Pattern, issuer: Pattern, root: TrustedRoot) {
        self.subject = subject
        self.issuer = issuer
        self.root = root
        name = "\(subject.words) (\(issuer.words))"
        id = "\(name) \(root.id)"
        (subjects, issuers) = (PatternMatcher(subject), PatternMatcher(issuer))
    }

    /// Which of a certificate's names it is; nil where it's somebody else's.
    func subject(of certificate: SigningCertificate) -> String? {
        guard let vouched = certificate.issuer, issuers.matches(vouched) else { return nil }
        return certificate.subjects.first { subjects.matches($0) }
    }
}

/// The reason a text isn't a regular expression.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text.
    public let text: String

    /// What is wrong.
    public var description: String { "'\(text)' is not a regular expression" }
}
