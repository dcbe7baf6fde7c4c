/// How bytes are compressed.
public enum CompressionFormat: String, Sendable, CaseIterable {
    /// Members of RFC 1952, one behind the other.
    case gzip
    /// Frames of RFC 8878, one behind the other.
    case zstd

    /// How many bytes tell the format.
    public static let prefixSize = 4

    /// Recognises the format of what begins with `start`; nil for what neither of the programs compressed.
    public init?(of start: some Collection<UInt8>) {
        let start = Array(start.prefix(Self.prefixSize))
        if start.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if start == [0x28, 0xB5, 0x2F, 0xFD] || (start.count == 4 && Self.isSkippable(start)) {
            self = .zstd
        } else {
            return nil
        }
    }

    /// Whether a frame begins that has no data of the content: some programs write one first.
    private static func isSkippable(_ start: [UInt8]) -> Bool {
        start[0] & 0xF0 == 0x50 && start[1...].elementsEqual([0x2A, 0x4D, 0x18])
    }
}
