/// An absolute http or https address, with nothing in it that must be escaped.
package struct HTTPAddress: Sendable, Hashable {
    /// `http` or `https`.
    package let scheme: String
    /// Host, and port where there is one, in lower case.
    package let authority: String
    /// The path, with its query.
    package let pathAndQuery: String

    /// Creates an address; what is not allowed in a path or a query is escaped.
    package init(scheme: String, authority: String, pathAndQuery: String) {
        self.scheme = scheme
        self.authority = authority.lowercased()
        self.pathAndQuery = Self.escaped(
            pathAndQuery.hasPrefix("/") ? pathAndQuery : "/" + pathAndQuery,
            allowed: Self.pathCharacters
        )
    }

    /// Parses an absolute address; nil for other schemes than http and https, and for an invalid host or port. User
    /// information and fragment are dropped, dot segments resolved.
    package init?(_ text: some StringProtocol) {
        let text = Self.escaped(String(text), allowed: Self.referenceCharacters)
        // Bytes, not characters: there is nothing but ASCII in it now, and this is done for each request.
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        guard scheme == "http" || scheme == "https", rest.hasPrefix("//") else { return nil }
        let afterSlashes = rest.dropFirst(2)
        let end = afterSlashes.utf8.firstIndex(where: Self.endsPart) ?? afterSlashes.endIndex
        let authority = afterSlashes[..<end]
        let host =
            authority.utf8.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.utf8.index(after: $0)...] }
            ?? authority
        guard Self.isHost(host), PortNumber.isPlausible(inAuthority: host) else { return nil }
        self.init(
            scheme: scheme,
            authority: String(host),
            pathAndQuery: Self.withoutDotSegments(String(Self.withoutFragment(afterSlashes[end...])))
        )
    }

    /// Whether a byte ends the host or path before it.
    static func endsPart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func withoutFragment(_ text: Substring) -> Substring {
        text[..<(text.utf8.firstIndex(of: UInt8(ascii: "#")) ?? text.endIndex)]
    }

    /// The address that `location` means here: absolute, or relative to the scheme, the host or the path (RFC 3986,
    /// section 5). Nil for an empty one, and for one of another scheme.
    package func resolving(_ location: String) -> HTTPAddress? {
        if location.hasPrefix("//") { return HTTPAddress("\(scheme):\(location)") }
        if let absolute = HTTPAddress(location) { return absolute }
        let location = Self.escaped(location, allowed: Self.referenceCharacters)
        guard !location.isEmpty, !location.utf8.prefix(while: { !Self.endsPart($0) }).contains(UInt8(ascii: ":")) else {
            return nil
        }
        let reference = String(Self.withoutFragment(location[...]))
        if reference.isEmpty { return self }
        let path = path
        let folder = path[..<(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
        let target =
            switch reference.first {
            case "/": reference
            case "?": String(path) + reference
            default: "\(folder)/\(reference)"
            }
        return HTTPAddress(scheme: scheme, authority: authority, pathAndQuery: Self.withoutDotSegments(target))
    }

    /// The same address with one more query item, whose value must be percent-encoded already.
    package func appending(query item: String) -> HTTPAddress {
        let separator = pathAndQuery.contains("?") ? (pathAndQuery.hasSuffix("?") ? "" : "&") : "?"
        return HTTPAddress(scheme: scheme, authority: authority, pathAndQuery: pathAndQuery + separator + item)
    }

    /// The same address with another scheme.
    package func with(scheme: String) -> HTTPAddress {
        HTTPAddress(scheme: scheme, authority: authority, pathAndQuery: pathAndQuery)
    }

    package var isSecure: Bool { scheme == "https" }

    /// The path without its query.
    package var path: Substring {
        pathAndQuery[..<(pathAndQuery.utf8.firstIndex(of: UInt8(ascii: "?")) ?? pathAndQuery.endIndex)]
    }

    /// Whether the authority has a port.
    package var hasPort: Bool {
        let end = authority.utf8.reversed().first { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return end == UInt8(ascii: ":")
    }

    /// The host, without brackets, and the port.
    package var hostAndPort: (host: String, port: Int) {
        let text = origin.dropFirst(scheme.count + 3)
        let colon = text.lastIndex(of: ":") ?? text.endIndex
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return (host, Int(text[colon...].dropFirst()) ?? (isSecure ? 443 : 80))
    }

    /// Host and port, the scheme's own port written out, for comparing.
    package var origin: String { "\(scheme)://\(authority)" + (hasPort ? "" : isSecure ? ":443" : ":80") }

    /// The whole address, to be sent.
    package var text: String { "\(scheme)://\(authority)\(pathAndQuery)" }

    /// Whether a host, with or without port, has only allowed characters.
    private static func isHost(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: ":") else { return false }
        // Only an IPv6 address has brackets, and a zone after a percent sign.
        return text.utf8.allSatisfy { hostCharacters.contains($0) }
            && (first == UInt8(ascii: "[") || !text.utf8.contains { "[]%".utf8.contains($0) })
    }

    /// The bits of the characters allowed in a host: unreserved characters, and those of ports and IPv6 addresses.
    private static let hostCharacters = ASCIISet(unreservedAnd: "[]:%")
    /// The bits of the characters allowed in a path or query, except escapes (RFC 3986, section 3.3).
    private static let pathCharacters = ASCIISet(unreservedAnd: "!$&'()*+,;=:@/?")
    /// With what ends a path, and brackets of a host.
    private static let referenceCharacters = ASCIISet(unreservedAnd: "!$&'()*+,;=:@/?#[]")

    /// Escapes what isn't among `allowed`, and leaves alone what is escaped already: signatures count on that.
    private static func escaped(_ text: String, allowed: ASCIISet) -> String {
        if text.utf8.allSatisfy({ allowed.contains($0) }) { return text }
        let bytes = Array(text.utf8)
        func isDigit(_ position: Int) -> Bool {
            guard position < bytes.count else { return false }
            return switch bytes[position] {
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        let digits = Array("0123456789ABCDEF".utf8)
        var escaped: [UInt8] = []
        for (position, byte) in bytes.enumerated() {
            let isEscape = byte == UInt8(ascii: "%") && isDigit(position + 1) && isDigit(position + 2)
            if isEscape || allowed.contains(byte) {
                escaped.append(byte)
            } else {
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// `/a/./b/../c` as `/a/c` (RFC 3986, section 5.2.4); the query stays as it is.
    private static func withoutDotSegments(_ text: String) -> String {
        let end = text.utf8.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        let path = text[..<end]
        guard zip(path.utf8, path.utf8.dropFirst()).contains(where: { $0 == (UInt8(ascii: "/"), UInt8(ascii: ".")) })
        else { return text }
        var kept: [Substring] = []
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            let isLast = position == segments.count - 1
            switch segment {
            case ".":
                if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + text[end...]
    }
}

extension HTTPAddress: CustomStringConvertible {
    /// The address without its query, which may hold signatures.
    package var description: String { "\(scheme)://\(authority)\(path)" }
}
