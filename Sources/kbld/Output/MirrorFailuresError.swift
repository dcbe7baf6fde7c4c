import ContainerImage
import RegistryMirroring

/// What of a mirror failed, at the end of a run that went on.
struct MirrorFailuresError: MultilineError {
    let lines: [HintedText]

    /// How many failures are listed; `--json` lists all.
    private static let limit = 20

    /// - Throws: Itself where there are any `failures`.
    static func check(_ failures: [HintedText]) throws {
        guard !failures.isEmpty else { return }
        var lines: [HintedText] = ["\(Count.text(failures.count, "failure")):"]
        lines += failures.prefix(limit).map { "- \($0)" }
        if failures.count > limit { lines.append("- and \(failures.count - limit) more (--json lists all)") }
        throw MirrorFailuresError(lines: lines)
    }

    /// - Throws: Itself where anything of a plan failed.
    static func check(_ plan: MirrorPlan) throws {
        try check(plan.failures.map { "\($0.subject): \(HintedText(describing: $0.error))" })
    }
}
