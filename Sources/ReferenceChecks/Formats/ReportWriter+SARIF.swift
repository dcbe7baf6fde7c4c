import ContainerImage

/// SARIF 2.1.0 (OASIS), within what GitHub's code scanning takes.
extension ReportWriter {
    /// How much of a report one file may have: one with more is refused whole.
    public struct SARIFLimit: Sendable, Hashable {
        /// The most results of a run.
        public var results: Int
        /// The most bytes that gzip may leave of the file.
        public var compressedBytes: Int

        /// Creates a limit.
        public init(results: Int, compressedBytes: Int) {
            self.results = results
            self.compressedBytes = compressedBytes
        }

        /// What GitHub takes: docs.github.com, "SARIF support for code scanning".
        public static let gitHub = SARIFLimit(results: 25_000, compressedBytes: 10_000_000)
    }

    /// The text, and how many findings are left out of it: where not all can be in it, those that matter most are.
    func sarif() throws -> (text: String, omitted: Int) {
        var count = min(report.findings.count, sarifLimit.results)
        while true {
            let text = try encoded(SARIFLog(runs: [run(count)]))
            guard count > 0, text.utf8.count > sarifLimit.compressedBytes else {
                return (text, report.findings.count - count)
            }
            let size = GzipSize.of(Array(text.utf8))
            guard size > sarifLimit.compressedBytes else { return (text, report.findings.count - count) }
            let share = Double(sarifLimit.compressedBytes) / Double(size)
            count = min(count - 1, Int(Double(count) * share * 0.98))
        }
    }

    /// The first `count` findings by level, in the order of their places.
    private func mostImportant(_ count: Int) -> [Finding] {
        guard count < report.findings.count else { return report.findings }
        return report.findings.enumerated()
            .sorted { ($1.element.level, $0.offset) < ($0.element.level, $1.offset) }
            .prefix(count).sorted { $0.offset < $1.offset }.map(\.element)
    }

    private func run(_ count: Int) -> SARIFLog.Run {
        var notices = report.unchecked.map { unchecked in
            SARIFLog.Notification(
                level: .warning,
                message: .init(text: "\(unchecked.reference) could not be checked: \(wording(unchecked.reason))"),
                locations: [.init(unchecked.path, unchecked.region)],
                associatedRule: unchecked.rules.first.map { .init(id: $0.id) }
            )
        }
        notices += report.remarks.map { .init(level: .note, message: .init(text: $0)) }
        if count < report.findings.count {
            notices.append(
                .init(level: .warning, message: .init(text: words(onOmitted: report.findings.count - count)))
            )
        }
        return SARIFLog.Run(
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
            results: mostImportant(count).map(SARIFLog.Result.init)
        )
    }

    func words(onOmitted count: Int) -> String {
        "\(Count.text(count, "further finding")) \(count == 1 ? "is" : "are") left out of the SARIF file: code scanning of "
            + "GitHub takes 25,000 results and 10 MB, compressed"
    }
}
