/// A Go package in the place of an image, which ko builds: `ko://github.com/app/cmd/server`.
public struct GoImport: Sendable, Hashable {
    /// The package's import path.
    public let path: String

    /// Reads `ko://PATH`; nil for anything else.
    public init?(_ text: String) {
        // One with a digest is an image, whatever else stands before that.
        guard text.hasPrefix("ko://"), !text.utf8.contains(UInt8(ascii: "@")) else { return nil }
        let path = text.dropFirst("ko://".count)
        // What begins with a dash would be an option of ko.
        guard let first = path.utf8.first, first != UInt8(ascii: "-"),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "$") && $0 != UInt8(ascii: "{") })
        else { return nil }
        self.path = String(path)
    }
}
