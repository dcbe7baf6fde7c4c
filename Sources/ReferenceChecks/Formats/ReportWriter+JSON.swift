import ContainerImage

extension ReportWriter {
    func json() throws -> String {
        try encoded(
            ReportDocument(
                findings: report.findings.map(FindingDocument.init),
                unchecked: report.unchecked.map { unchecked in
                    UncheckedDocument(
                        rules: unchecked.rules,
                        reference: unchecked.reference,
                        path: unchecked.path,
                        line: unchecked.region.line,
                        column: unchecked.region.column,
                        places: unchecked.placeCount,
                        reason: wording(unchecked.reason)
                    )
                },
                remarks: report.remarks,
                rules: report.rules,
                references: report.referenceCount,
                files: report.fileCount,
                errors: report.count(.error),
                warnings: report.count(.warning),
                notes: report.count(.note),
                known: report.knownCount
            )
        )
    }
}

private struct ReportDocument: Encodable {
    var findings: [FindingDocument]
    var unchecked: [UncheckedDocument]
    var remarks: [String]
    var rules: [CheckRule]
    var references: Int
    var files: Int
    var errors: Int
    var warnings: Int
    var notes: Int
    var known: Int
}

private struct FindingDocument: Encodable {
    var rule: CheckRule
    var name: String
    var level: CheckLevel
    var path: String
    var line: Int
    var column: Int
    var endLine: Int
    var endColumn: Int
    var reference: String
    var image: String
    var message: String
    var hint: String
    var fingerprint: String
    var fix: [ReplacementDocument]

    init(_ finding: Finding) {
        rule = finding.rule
        name = finding.rule.name
        level = finding.level
        path = finding.path
        line = finding.region.line
        column = finding.region.column
        endLine = finding.region.endLine
        endColumn = finding.region.endColumn
        reference = finding.reference
        image = finding.name
        message = finding.message
        hint = finding.hint
        fingerprint = finding.fingerprint
        fix = finding.fix.map { replacement in
            ReplacementDocument(
                line: replacement.region.line,
                column: replacement.region.column,
                endLine: replacement.region.endLine,
                endColumn: replacement.region.endColumn,
                text: replacement.text
            )
        }
    }

    enum CodingKeys: String, CodingKey {
        case rule, name, level, path, line, column, reference, image, message, hint, fingerprint, fix
        case endLine = "end_line"
        case endColumn = "end_column"
    }
}

private struct ReplacementDocument: Encodable {
    var line: Int
    var column: Int
    var endLine: Int
    var endColumn: Int
    var text: String

    enum CodingKeys: String, CodingKey {
        case line, column, text
        case endLine = "end_line"
        case endColumn = "end_column"
    }
}

private struct UncheckedDocument: Encodable {
    var rules: [CheckRule]
    var reference: String
    var path: String
    var line: Int
    var column: Int
    var places: Int
    var reason: String
}
