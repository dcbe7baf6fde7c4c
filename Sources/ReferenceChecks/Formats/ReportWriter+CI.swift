import ContainerImage

/// Formats of CI systems.
extension ReportWriter {
    /// Workflow commands of GitHub: a line for each finding.
    func github() -> String {
        let found = report.findings.map { finding in
            let region = finding.region
            let command =
                switch finding.level {
                case .error: "error"
                case .warning: "warning"
                case .note: "notice"
                }
            var properties = [
                ("file", finding.path), ("line", "\(region.line)"), ("col", "\(region.column)"),
                ("endLine", "\(region.endLine)"),
            ]
            // Columns are those of one line.
            if region.endLine == region.line { properties.append(("endColumn", "\(region.endColumn)")) }
            properties.append(("title", "\(finding.rule.id) \(finding.rule.name)"))
            let hint = finding.hint.isEmpty ? "" : " (\(finding.hint))"
            return Self.command(command, properties, "\(finding.reference): \(finding.message)\(hint)")
        }
        let unchecked = report.unchecked.map { unchecked in
            Self.command(
                failsUnchecked ? "error" : "warning",
                [
                    ("file", unchecked.path), ("line", "\(unchecked.region.line)"),
                    ("col", "\(unchecked.region.column)"), ("title", "not checked"),
                ],
                "\(unchecked.reference): \(wording(unchecked.reason))"
            )
        }
        return (found + unchecked).map { $0 + "\n" }.joined()
    }

    private static func command(_ name: String, _ properties: [(String, String)], _ message: String) -> String {
        let list = properties.map { "\($0)=\(escaped($1, isProperty: true))" }.joined(separator: ",")
        return "::\(name) \(list)::\(escaped(message, isProperty: false))"
    }

    private static func escaped(_ text: String, isProperty: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ":" where isProperty: result += "%3A"
            case "," where isProperty: result += "%2C"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A report of GitLab's Code Quality.
    func gitlab() throws -> String {
        struct Issue: Encodable {
            var description: String
            var check_name: String
            var fingerprint: String
            var severity: String
            var location: Location

            struct Location: Encodable {
                var path: String
                var lines: Lines
            }

            struct Lines: Encodable { var begin: Int }
        }
        return try encoded(
            report.findings.map { finding in
                let severity =
                    switch finding.level {
                    case .error: "major"
                    case .warning: "minor"
                    case .note: "info"
                    }
                let hint = finding.hint.isEmpty ? "" : " (\(finding.hint))"
                return Issue(
                    description: "\(finding.reference): \(finding.message)\(hint)",
                    check_name: "\(finding.rule.id) \(finding.rule.name)",
                    fingerprint: finding.fingerprint,
                    severity: severity,
                    location: .init(path: finding.path, lines: .init(begin: finding.region.line))
                )
            }
        )
    }
}
