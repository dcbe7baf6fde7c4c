public import ContainerImage
import FoundationEssentials

/// A report as text.
public struct ReportWriter: Sendable {
    /// The report.
    public let report: CheckReport
    /// The lowest level that fails a check; nil for none.
    public var failing: CheckLevel? = .error
    /// Whether what couldn't be checked fails it.
    public var failsUnchecked = true
    /// The version of the program, for those formats that name it.
    public var version = ""
    /// Puts reasons, with what can be done, into words.
    public var wording: @Sendable (HintedText) -> String = { $0.description }
    /// Makes untrusted text safe for a line.
    public var plain: @Sendable (String) -> String = { $0 }

    /// How much a SARIF file may have.
    public var sarifLimit = SARIFLimit.gitHub

    /// Creates a writer of `report`.
    public init(_ report: CheckReport) { self.report = report }

    /// The whole text, which ends with a line break unless it is empty.
    ///
    /// - Parameter width: How wide a table may be; nil for as wide as it is.
    /// - Throws: `EncodingError`.
    public func text(as format: ReportFormat, width: Int? = nil) throws -> String {
        try output(as: format, width: width).text
    }

    /// The whole text, with what is to be said of it: what is left out of it, as it would be too much.
    ///
    /// - Parameter width: How wide a table may be; nil for as wide as it is.
    /// - Throws: `EncodingError`.
    public func output(as format: ReportFormat, width: Int? = nil) throws -> (text: String, remarks: [String]) {
        switch format {
        case .text: return (table(width: width), [])
        case .json: return (try json(), [])
        case .sarif:
            let (text, omitted) = try sarif()
            return (text, omitted == 0 ? [] : [words(onOmitted: omitted)])
        case .github:
            let isMore = CheckLevel.allCases.contains { report.count($0) > Self.annotationLimit }
            let remark =
                "GitHub shows the first \(Self.annotationLimit) annotations of each level in a step; its log has all"
            return (github(), isMore ? [remark] : [])
        case .gitlab: return (try gitlab(), [])
        case .junit: return (junit(), [])
        }
    }

    /// How many annotations of a level GitHub shows in a step.
    private static let annotationLimit = 10

    /// JSON with sorted keys, as they are named.
    func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    /// Where a reference is, in words.
    func places(_ unchecked: UncheckedReference) -> String {
        let more = unchecked.placeCount - 1
        return "\(unchecked.path):\(unchecked.region.line)"
            + (more > 0 ? " and \(Count.text(more, "more place"))" : "")
    }
}
