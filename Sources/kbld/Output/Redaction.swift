/// Logins that people write into addresses and arguments, taken out of what is said about these.
enum Redaction {
    /// The text without what stands before the `@` of an address, and without the queries of quoted addresses.
    static func text(_ text: String) -> String { withoutQueries(withoutLogins(text)) }

    /// `https://user:secret@host` and `user:secret@host` become `…@host`. `name:tag@sha256:…` is no login, nor is a form that
    /// a message explains.
    private static func withoutLogins(_ text: String) -> String {
        guard text.contains("@") else { return text }
        var result = ""
        var rest = text[...]
        while let at = rest.firstIndex(of: "@") {
            let after = rest[rest.index(after: at)...]
            let start = rest[..<at].lastIndex { " '\"`/()[]{}<>,=\n\t".contains($0) }
            let login = rest[(start.map { rest.index(after: $0) } ?? rest.startIndex)..<at]
            let isDigest = after.hasPrefix("sha256:") || after.hasPrefix("sha512:")
            if !isDigest, login.contains(":"), login.lowercased() != "user:password" {
                result += rest[..<login.startIndex] + "…@"
            } else {
                result += rest[...at]
            }
            rest = after
        }
        return result + rest
    }

    private static func withoutQueries(_ text: String) -> String {
        guard text.contains("'http") else { return text }
        return text.split(separator: "'", omittingEmptySubsequences: false).map { part in
            guard part.hasPrefix("http://") || part.hasPrefix("https://"), let query = part.firstIndex(of: "?") else {
                return String(part)
            }
            return part[...query] + "…"
        }
        .joined(separator: "'")
    }
}
