import FoundationEssentials

extension Descriptor {
    /// The content itself where the descriptor embeds it (OCI image specification, "Embedded Content"); nil if it doesn't,
    /// and where what it embeds is something else.
    public var embedded: [UInt8]? {
        guard let data, let decoded = Data(base64Encoded: data), Int64(decoded.count) == size else { return nil }
        let bytes = Array(decoded)
        return digest.matches(bytes) ? bytes : nil
    }
}
