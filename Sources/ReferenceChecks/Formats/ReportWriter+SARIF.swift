import ContainerImage

/// SARIF 2.1.0 (OASIS), within what GitHub's code scanning takes.
extension ReportWriter {
    /// How many results GitHub takes in one run; a file with more is refused whole.
    static let resultLimit = 25_000

    func sarif() throws -> String {
        // What matters most is shown, where not all can be.
        let shown =
            report.findings.count <= Self.resultLimit
            ? report.findings
            : Array(
                report.findings.enumerated().sorted { ($1.element.level, $0.offset) < ($0.element.level, $1.offset) }
                    .prefix(Self.resultLimit).map(\.element)
            )
        var notices = report.unchecked.map { unchecked in
            SARIFLog.Notification(
                level: .warning,
                message: .init(text: "\(unchecked.reference) could not be checked: \(wording(unchecked.reason))"),
                locations: [.init(unchecked.path, unchecked.region)],
                associatedRule: unchecked.rules.first.map { .init(id: $0.id) }
            )
        }
        notices += report.remarks.map { .init(level: .note, message: .init(text: $0)) }
        if shown.count < report.findings.count {
            notices.append(
                .init(
                    level: .warning,
                    message: .init(text: "\(report.findings.count - shown.count) further findings are left out")
                )
            )
        }
        let run = SARIFLog.Run(
            tool: .init(
                driver: .init(
                    name: "kbld",
                    version: version.isEmpty ? nil : version,
                    rules: CheckRule.allCases.map(SARIFLog.Rule.init)
                )
            ),
            invocations: [
                .init(
                    executionSuccessful: report.unchecked.isEmpty,
                    toolExecutionNotifications: notices
                )
            ],
            results: shown.map(SARIFLog.Result.init)
        )
        return try encoded(SARIFLog(runs: [run]))
    }
}
