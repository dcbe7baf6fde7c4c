import ContainerImage
import KbldWorkflows

/// Backups that are damaged.
struct BackupFaultsError: MultilineError {
    let lines: [HintedText]

    /// - Throws: Itself where anything is wrong with any of `items`.
    static func check(_ items: [BackupListing.Item], _ consequence: String) throws {
        let bad = items.filter { !$0.errors.isEmpty }
        guard !bad.isEmpty else { return }
        throw BackupFaultsError(
            lines: ["\(bad.count) of \(Count.text(items.count, "backup")) \(consequence):"]
                + bad.flatMap { item in item.errors.map { "- \(item.file): \($0)" } }
        )
    }
}
