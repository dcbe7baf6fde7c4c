import ContainerImage

/// What texts look like that may be references.
enum ReferenceShape {
    private static let sizeLimit = 512

    /// Whether the text is a reference with a tag or a digest.
    static func isReference(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard bytes.count <= sizeLimit, hasTagOrDigest(text) else { return false }
        return (try? ImageReference(String(text))) != nil
    }

    /// Whether the text is a reference with a tag or a digest, and names its registry.
    static func isExplicit(_ text: some StringProtocol) -> Bool {
        guard text.utf8.count <= sizeLimit, let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else {
            return false
        }
        let host = text.utf8[..<slash]
        let isHost =
            host.contains(UInt8(ascii: ".")) || host.contains(UInt8(ascii: ":")) || host.elementsEqual("localhost".utf8)
        return isHost && isReference(text)
    }

    /// Whether the text is what only an image can be: it names its registry, or is a Go package for ko.
    static func isImage(_ text: String) -> Bool { isExplicit(text) || GoImport(text) != nil }

    /// Whether the text is a reference by digest and names its registry.
    static func isPinned(_ text: some StringProtocol) -> Bool {
        text.utf8.contains(UInt8(ascii: "@")) && isExplicit(text)
    }

    /// Whether what follows the last `:` may be a port.
    static func endsLikeAddress(_ text: some StringProtocol) -> Bool {
        let bytes = Substring(text).utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return false }
        let end = bytes[colon...].dropFirst()
        return (2...5).contains(end.count) && end.allSatisfy { (48...57).contains($0) }
    }

    private static func hasTagOrDigest(_ text: some StringProtocol) -> Bool {
        let bytes = Substring(text).utf8
        let start = bytes.lastIndex(of: UInt8(ascii: "/")) ?? bytes.startIndex
        return bytes[start...].contains(UInt8(ascii: ":")) || bytes[start...].contains(UInt8(ascii: "@"))
    }
}
