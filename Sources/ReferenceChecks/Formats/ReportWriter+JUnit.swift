import ContainerImage

extension ReportWriter {
    private struct Case {
        var path: String
        var name: String
        var body: String
        var isFailure = false
        var isError = false
    }

    /// Test results: a suite for each file, a case for each finding. What doesn't fail the check is a case that passes.
    func junit() -> String {
        var cases = report.findings.map { finding in
            let fails = failing.map { finding.level >= $0 } ?? false
            let title = "\(finding.message)" + (finding.hint.isEmpty ? "" : " (\(finding.hint))")
            let details = "\(finding.path):\(finding.region.line): \(finding.reference): \(title)"
            return Case(
                path: finding.path,
                name: "\(finding.reference) (\(finding.rule.name), line \(finding.region.line))",
                body: fails
                    ? "<failure type=\"\(finding.rule.id)\" message=\"\(Self.escaped(title))\">\(Self.escaped(details))</failure>"
                    : "<system-out>\(Self.escaped("\(finding.level): \(details)"))</system-out>",
                isFailure: fails
            )
        }
        cases += report.unchecked.map { unchecked in
            let reason = Self.escaped(wording(unchecked.reason))
            return Case(
                path: unchecked.path,
                name: "\(unchecked.reference) (not checked, line \(unchecked.region.line))",
                body: failsUnchecked
                    ? "<error type=\"unchecked\" message=\"\(reason)\"/>" : "<skipped message=\"\(reason)\"/>",
                isError: failsUnchecked
            )
        }
        if cases.isEmpty {
            cases = [
                Case(path: "kbld", name: Count.text(report.referenceCount, "reference"), body: "")
            ]
        }
        let suites = Dictionary(grouping: cases, by: \.path).sorted { $0.key < $1.key }
        let body = suites.map { path, cases in
            let lines = cases.map { test in
                let tag = "    <testcase classname=\"\(Self.escaped(path))\" name=\"\(Self.escaped(test.name))\""
                return test.body.isEmpty ? "\(tag)/>\n" : "\(tag)>\(test.body)</testcase>\n"
            }
            return
                "  <testsuite name=\"\(Self.escaped(path))\" \(Self.counts(cases))>\n\(lines.joined())  </testsuite>\n"
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + "<testsuites name=\"kbld\" \(Self.counts(cases))>\n\(body.joined())</testsuites>\n"
    }

    private static func counts(_ cases: [Case]) -> String {
        "tests=\"\(cases.count)\" failures=\"\(cases.count(where: \.isFailure))\" "
            + "errors=\"\(cases.count(where: \.isError))\""
    }

    /// Text of XML 1.0, which some characters can't be a part of in any way.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            default:
                let value = scalar.value
                let isAllowed = value >= 0x20 && value != 0xFFFE && value != 0xFFFF
                result.unicodeScalars.append(isAllowed ? scalar : "\u{FFFD}")
            }
        }
        return result
    }
}
