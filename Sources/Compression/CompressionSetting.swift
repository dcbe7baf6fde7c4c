/// How something is to be compressed.
public struct CompressionSetting: Sendable, Equatable, CustomStringConvertible {
    /// The format.
    public let format: CompressionFormat
    /// How much work is done for how little: 1 is the fastest.
    public let level: Int

    /// The levels that a format has. zstd has higher ones, which need more memory to decompress than is given by default.
    public static func levels(of format: CompressionFormat) -> ClosedRange<Int> {
        switch format {
        case .gzip: 1...9
        case .zstd: 1...19
        }
    }

    /// The level that the format's own program takes by default.
    private static func defaultLevel(of format: CompressionFormat) -> Int {
        switch format {
        case .gzip: 6
        case .zstd: 3
        }
    }

    /// Parses `gzip`, `zstd`, or one of both with a level: `zstd:19`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let format = CompressionFormat(rawValue: String(parts[0])) else { return nil }
        self.format = format
        guard parts.count > 1 else {
            level = Self.defaultLevel(of: format)
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let level = Int(parts[1]),
            Self.levels(of: format).contains(level)
        else { return nil }
        self.level = level
    }

    /// The setting with its level.
    public var description: String { "\(format.rawValue):\(level)" }
}
