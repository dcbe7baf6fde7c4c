import Synchronization

/// Compares texts with a pattern, whose regular expression is compiled once for all of them.
final class PatternMatcher: Sendable {
    private enum Rule: ~Copyable {
        case exact(String)
        case expression(Mutex<Regex<AnyRegexOutput>>)
        case nothing
    }

    private let rule: Rule

    private static let lengthLimit = 4096

    init(_ pattern: CertificateIdentity.Pattern) {
        switch pattern {
        case .exact(let text): rule = .exact(text)
        case .expression(let text):
            if let regex = try? Regex(text) { rule = .expression(Mutex(regex)) } else { rule = .nothing }
        }
    }

    /// Whether `text` is as the pattern says.
    func matches(_ text: String) -> Bool {
        switch rule {
        // Characters of other forms are other ones.
        case .exact(let wanted): wanted.utf8.elementsEqual(text.utf8)
        case .expression(let regex):
            text.utf8.count <= Self.lengthLimit && regex.withLock { (try? $0.wholeMatch(in: text)) != nil }
        case .nothing: false
        }
    }
}
