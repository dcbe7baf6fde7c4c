import FoundationEssentials

/// The content of `!!binary`.
enum Base64 {
    /// The decoded text; nil when it isn't base64 or no UTF-8, which JSON can't hold.
    static func text(decoding encoded: String) -> String? {
        guard let data = Data(base64Encoded: encoded.filter { !$0.isWhitespace }) else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}
