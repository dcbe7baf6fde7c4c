import ContainerImage
import KbldWorkflows

/// Backups that are damaged.
struct BackupFaultsError: MultilineError {
    let lines: [HintedText]

    /// How many errors are listed of one backup, and of how many backups; `--json` lists all.
    private static let limit = 10

    /// - Throws: Itself where anything is wrong with any of `items`.
    static func check(_ items: [BackupListing.Item], _ consequence: String) throws {
        let bad = items.filter { !$0.errors.isEmpty }
        guard !bad.isEmpty else { return }
        var lines: [HintedText] = ["\(bad.count) of \(Count.text(items.count, "backup")) \(consequence):"]
        for item in bad.prefix(limit) {
            lines += item.errors.prefix(limit).map { "- \(item.file): \($0)" }
            let more = item.errors.count - limit
            if more > 0 { lines.append("- \(item.file): \(Count.text(more, "more error")) (--json lists all)") }
        }
        if bad.count > limit { lines.append("- \(Count.text(bad.count - limit, "more backup")) (--json lists all)") }
        throw BackupFaultsError(lines: lines)
    }
}
