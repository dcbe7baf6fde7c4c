import ContainerImage
import FoundationEssentials

/// The findings of an older report, which are known.
public struct Baseline: Sendable, Hashable {
    /// Their fingerprints.
    public let fingerprints: Set<String>

    /// Reads a report in JSON.
    ///
    /// - Throws: `BaselineError` for anything else.
    public init(_ json: [UInt8]) throws(BaselineError) {
        guard JSONNesting.isWithinLimit(json),
            let report = try? JSONDecoder().decode(Report.self, from: Data(json))
        else { throw BaselineError() }
        fingerprints = Set(report.findings.map(\.fingerprint))
    }

    private struct Report: Decodable {
        var findings: [Known]

        struct Known: Decodable { var fingerprint: String }
    }
}

/// A file that isn't an older report.
public struct BaselineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What it must be.
    public var description: String { "it must be the JSON of an earlier check, with findings and their fingerprints" }
}
