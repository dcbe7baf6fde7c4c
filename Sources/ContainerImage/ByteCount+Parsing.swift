extension ByteCount {
    /// Reads a number of bytes as people write it: `500k`, `10MB`, `1.5GiB`. Units with an i count by 1,024, others by 1,000;
    /// their capitals don't matter, and without one bytes are meant.
    ///
    /// - Returns: nil for what is no such number, and for more than `Int64.max`.
    public init?(_ text: some StringProtocol) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let factor = Self.factor(of: text.dropFirst(number.count).lowercased()) else { return nil }
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int64($0) }) else { return nil }
        var (bytes, isTooLarge) = whole.multipliedReportingOverflow(by: factor)
        if parts.count > 1 {
            // More digits are less than a byte.
            guard (1...9).contains(parts[1].count), let digits = Int64(parts[1]) else { return nil }
            let scale = parts[1].reduce(Int64(1)) { scale, _ in scale * 10 }
            let fraction = Int64(Double(digits) / Double(scale) * Double(factor))
            let sum = bytes.addingReportingOverflow(fraction)
            (bytes, isTooLarge) = (sum.partialValue, isTooLarge || sum.overflow)
        }
        guard !isTooLarge else { return nil }
        self.init(bytes)
    }

    private static func factor(of unit: String) -> Int64? {
        switch unit {
        case "", "b": 1
        case "k", "kb": 1000
        case "m", "mb": 1_000_000
        case "g", "gb": 1_000_000_000
        case "ki", "kib": 1 << 10
        case "mi", "mib": 1 << 20
        case "gi", "gib": 1 << 30
        default: nil
        }
    }
}
