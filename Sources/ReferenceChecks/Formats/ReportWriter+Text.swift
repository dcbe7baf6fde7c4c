import ContainerImage
import Presentation

extension ReportWriter {
    /// A row for each finding, and one for each reference that couldn't be checked.
    func table(width: Int?) -> String {
        let found = report.findings.map { finding in
            [
                "\(finding.path):\(finding.region.line)", "\(finding.rule.id) \(finding.rule.name) (\(finding.level))",
                finding.reference, finding.message, finding.hint,
            ]
        }
        let unchecked = report.unchecked.map { unchecked in
            [
                places(unchecked), unchecked.rules.map(\.id).joined(separator: " ") + " (not checked)",
                unchecked.reference, wording(unchecked.reason), "",
            ]
        }
        let columns: [TextTable.Column] = [
            .init("where"), .init("rule"), .init("reference", .name), .init("what", .prose), .init("hint", .prose),
        ]
        return TextTable(columns, rows: (found + unchecked).map { $0.map(plain) }).text(width: width)
    }

    /// One line for a log: what was found.
    public var summary: String {
        let levels = CheckLevel.allCases.reversed().map { Count.text(report.count($0), "\($0)") }
        var text =
            "\(Count.text(report.referenceCount, "reference")) in \(Count.text(report.fileCount, "file")): "
            + levels.joined(separator: ", ")
        if !report.unchecked.isEmpty { text += ", \(report.unchecked.count) not checked" }
        if report.knownCount > 0 { text += ", \(report.knownCount) known" }
        return text
    }
}
