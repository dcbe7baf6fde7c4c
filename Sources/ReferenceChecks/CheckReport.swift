import ContainerImage

/// What checks found.
public struct CheckReport: Sendable {
    /// What is wrong, by file and line.
    public var findings: [Finding]
    /// What couldn't be checked, by file and line.
    public var unchecked: [UncheckedReference]
    /// What limits what was found: lists that were too long. A line for each.
    public var remarks: [String] = []
    /// The rules that were applied.
    public var rules: [CheckRule]
    /// How many references there are, in how many files.
    public var referenceCount: Int
    /// In how many files they are.
    public var fileCount: Int
    /// How many findings are left out because they were known.
    public var knownCount = 0

    /// How findings are weighed.
    public struct Weighing: Sendable, Hashable {
        /// The lowest level that counts; nil for none.
        public var failing: CheckLevel?
        /// Whether what couldn't be checked counts: nil for a status of its own.
        public var unchecked: Unchecked?

        /// What becomes of what couldn't be checked.
        public enum Unchecked: String, Sendable, CaseIterable {
            /// It is as if nothing were wrong.
            case ok
            /// It is as if something were wrong.
            case fail
        }

        /// Creates a weighing: errors count, and what couldn't be checked has a status of its own.
        public init(failing: CheckLevel? = .error, unchecked: Unchecked? = nil) {
            self.failing = failing
            self.unchecked = unchecked
        }
    }

    /// How the check ended.
    public enum Outcome: Sendable, Hashable {
        /// Nothing is wrong.
        case passed
        /// There are findings that count.
        case findings
        /// There are none, but something couldn't be checked.
        case unchecked
    }

    /// Passes what is said of references through `rewriting`, which takes out what mustn't be shown.
    public mutating func rewriteTexts(by rewriting: (String) -> String) {
        for position in findings.indices {
            findings[position].reference = rewriting(findings[position].reference)
            findings[position].name = rewriting(findings[position].name)
            findings[position].message = rewriting(findings[position].message)
            findings[position].hint = rewriting(findings[position].hint)
        }
        for position in unchecked.indices { unchecked[position].reference = rewriting(unchecked[position].reference) }
    }

    /// How the check ended.
    public func outcome(by weighing: Weighing) -> Outcome {
        if let failing = weighing.failing, findings.contains(where: { $0.level >= failing }) { return .findings }
        guard !unchecked.isEmpty else { return .passed }
        switch weighing.unchecked {
        case .ok: return .passed
        case .fail: return .findings
        case nil: return .unchecked
        }
    }

    /// How many findings there are of a level.
    public func count(_ level: CheckLevel) -> Int { findings.count { $0.level == level } }

    /// The report without the findings that `baseline` knows.
    public func without(_ baseline: Baseline) -> CheckReport {
        var report = self
        report.findings = findings.filter { !baseline.fingerprints.contains($0.fingerprint) }
        report.knownCount = findings.count - report.findings.count
        return report
    }
}
