import FoundationEssentials

/// JSON of reports: keys in snake case and in their alphabetical order, numbers as numbers.
public enum ReportJSON {
    /// The text of `report`, with a newline at its end.
    ///
    /// - Throws: `EncodingError`.
    public static func text(of report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }
}
