/// A number of bytes in words: `812 B`, `1.5 KiB`, `34.2 MiB`, `1.0 GiB`.
public struct ByteCount: Sendable, CustomStringConvertible {
    /// How many bytes.
    public let bytes: Int64

    /// Creates a count of bytes; negative numbers are allowed.
    public init(_ bytes: Int64) { self.bytes = bytes }

    /// Binary units; one digit after the point below 100, none from there on.
    public var description: String {
        let magnitude = bytes.magnitude
        let sign = bytes < 0 ? "-" : ""
        guard magnitude >= 1024 else { return "\(sign)\(magnitude) B" }
        var value = Double(magnitude)
        var unit = ""
        for name in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
            value /= 1024
            unit = name
            // What rounds up to 1024 is one of the next unit.
            if value < 1023.5 { break }
        }
        guard value < 99.95 else { return "\(sign)\(Int(value.rounded())) \(unit)" }
        let tenths = Int((value * 10).rounded())
        return "\(sign)\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
