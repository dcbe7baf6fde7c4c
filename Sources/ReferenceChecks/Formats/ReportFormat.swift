/// A form of a report.
public enum ReportFormat: String, Sendable, CaseIterable {
    /// A table.
    case text
    /// All that is known, as JSON.
    case json
    /// SARIF 2.1.0, which code scanning of GitHub and many others read.
    case sarif
    /// Annotations of GitHub's workflows.
    case github
    /// Code Quality of GitLab.
    case gitlab
    /// Test results, as most CI systems show them.
    case junit
}
