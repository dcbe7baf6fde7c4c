public import ContainerImage
public import ImageStore

/// Applies rules to references.
public struct ReferenceCheck: Sendable {
    /// What it takes to pin a reference, by its number among those that are checked; empty where that isn't known.
    public typealias Pinning = @Sendable (_ number: Int, _ digest: Digest) -> [Finding.Replacement]

    private let settings: CheckSettings
    private let pinning: Pinning

    /// Creates a check.
    public init(_ settings: CheckSettings, pinning: @escaping Pinning = { _, _ in [] }) {
        self.settings = settings
        self.pinning = pinning
    }

    /// Whether a rule, and not comments and settings, needs a registry.
    public var asksRegistry: Bool {
        settings.rules.contains { $0.asksRegistry && !($0 == .unsigned && settings.package != nil) }
            || settings.rules.contains(.absent) && settings.mirror != nil
    }

    /// What rules find without asking anybody.
    public func report(on references: [CheckedReference]) -> CheckReport {
        report(on: references, facts: nil)
    }

    /// What rules find, after each distinct question was asked once.
    ///
    /// - Throws: `CancellationError` alone: what can't be asked is in the report.
    public func report(on references: [CheckedReference], asking registry: any ImageRegistry) async throws
        -> CheckReport
    {
        report(on: references, facts: try await RegistryFacts(about: references, settings, in: registry))
    }

    private func report(on references: [CheckedReference], facts: RegistryFacts?) -> CheckReport {
        let pins = PinnedPlaces(references.filter { settings.applies(.inconsistent, to: $0) })
        var findings: [Finding] = []
        var unchecked = UncheckedList()
        for (number, reference) in references.enumerated() {
            for rule in CheckRule.allCases where settings.applies(rule, to: reference) {
                switch verdict(of: rule, on: reference, pins, facts) {
                case .passed: break
                case .wrong(let message, let hint, let digest):
                    findings.append(finding(rule, reference, message, hint, digest.map { pinning(number, $0) } ?? []))
                case .unknown(let reason): unchecked.add(rule, reference, reason)
                }
            }
        }
        for entry in settings.lock?.unused(among: references) ?? [] where settings.applies(.lock, to: entry) {
            findings.append(finding(.lock, entry, "no file has this reference", "resolve the documents anew", []))
        }
        return CheckReport(
            findings: Finding.numbered(findings),
            unchecked: unchecked.sorted,
            remarks: facts?.remarks ?? [],
            rules: settings.rules.sorted(),
            referenceCount: references.count { if case .overlooked = $0.content { false } else { true } },
            fileCount: Set(references.map(\.path)).count
        )
    }

    private func finding(
        _ rule: CheckRule,
        _ reference: CheckedReference,
        _ message: String,
        _ hint: String,
        _ fix: [Finding.Replacement]
    ) -> Finding {
        var finding = Finding(
            rule: rule,
            level: settings.level(of: rule),
            path: reference.path,
            region: reference.region,
            reference: reference.text,
            name: reference.name,
            message: message,
            hint: hint
        )
        finding.fix = fix
        return finding
    }

    private func verdict(
        of rule: CheckRule,
        on reference: CheckedReference,
        _ pins: PinnedPlaces,
        _ facts: RegistryFacts?
    ) -> RuleVerdict {
        switch rule {
        case .unpinned: return WrittenRules.unpinned(reference, settings.lock, facts)
        case .latest: return WrittenRules.latest(reference)
        case .uncheckable: return WrittenRules.uncheckable(reference)
        case .overlooked: return WrittenRules.overlooked(reference)
        case .inconsistent: return pins.verdict(on: reference)
        case .lock: return WrittenRules.lock(reference, settings.lock)
        case .unsigned: return PlaceRules(settings, facts).unsigned(reference)
        case .absent: return PlaceRules(settings, facts).absent(reference)
        case .missing, .drift, .tagGone, .newer, .base, .age, .platform:
            guard let facts else { return .passed }
            return RegistryRules(settings, facts).verdict(of: rule, on: reference)
        }
    }
}
