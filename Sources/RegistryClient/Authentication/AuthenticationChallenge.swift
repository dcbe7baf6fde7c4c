/// What a registry asks for in `WWW-Authenticate` (RFC 9110, section 11.6.1; distribution token specification).
package enum AuthenticationChallenge: Sendable, Equatable {
    /// User name and password with each request.
    case basic(realm: String)
    /// A token from the server at `realm`.
    case bearer(realm: String, service: String?, scope: String?)

    var isBearer: Bool { if case .bearer = self { true } else { false } }

    /// The challenges of known schemes in header values, in their order.
    package static func parse(_ values: [Substring]) -> [AuthenticationChallenge] {
        values.flatMap { value -> [AuthenticationChallenge] in
            var parser = HeaderParser(value)
            return parser.challenges().compactMap { scheme, parameters in
                switch scheme.lowercased() {
                case "basic": return .basic(realm: parameters["realm"] ?? "")
                case "bearer":
                    guard let realm = parameters["realm"] else { return nil }
                    return .bearer(realm: realm, service: parameters["service"], scope: parameters["scope"])
                default: return nil
                }
            }
        }
    }
}

/// Reads `scheme key=value, key="value", scheme …`.
private struct HeaderParser {
    private var rest: Substring

    init(_ text: Substring) { rest = text }

    mutating func challenges() -> [(scheme: String, parameters: [String: String])] {
        var found: [(scheme: String, parameters: [String: String])] = []
        while true {
            // An equals sign here is the end of a token68, such as Negotiate's.
            skip { $0 == " " || $0 == "\t" || $0 == "," || $0 == "=" }
            let word = token()
            guard !word.isEmpty else { return found }
            skip { $0 == " " || $0 == "\t" }
            if rest.first == "=", !found.isEmpty {
                rest.removeFirst()
                skip { $0 == " " || $0 == "\t" }
                found[found.count - 1].parameters[word.lowercased()] = value()
            } else {
                found.append((word, [:]))
            }
        }
    }

    private mutating func skip(_ matches: (Character) -> Bool) {
        rest = rest.drop(while: matches)
    }

    private mutating func token() -> String {
        let word = rest.prefix { !" \t,=\"".contains($0) }
        rest = rest[word.endIndex...]
        return String(word)
    }

    private mutating func value() -> String {
        guard rest.first == "\"" else { return token() }
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let escaped = rest.popFirst() {
                text.append(escaped)
            } else {
                text.append(character)
            }
        }
        return text
    }
}
