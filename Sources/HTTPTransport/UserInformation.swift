import FoundationEssentials

/// A user name and password in an address: `scheme://user:password@host`.
package struct UserInformation: Sendable {
    /// The base64 of `user:password`.
    package let credentials: String

    /// Parses what precedes the `@` of an address's host; nil if there is none.
    package init?(address: String) {
        guard let slashes = address.firstRange(of: "://") else { return nil }
        let authority = address[slashes.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return nil }
        self.init(authority[..<at])
    }

    /// Parses `user:password`, percent-encoded; nil if an escape is cut short.
    init?(_ text: Substring) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Self.percentDecoded($0) }
        guard let user = parts[0], let password = parts.count > 1 ? parts[1] : [] else { return nil }
        credentials = Data(user + [UInt8(ascii: ":")] + password).base64EncodedString()
    }

    /// The value of an `Authorization` header.
    package var basic: String { "Basic " + credentials }

    /// The bytes of a text with escapes such as `%40` decoded.
    private static func percentDecoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
