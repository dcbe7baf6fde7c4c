import ContainerImage
import KbldWorkflows
import PackageReport
import Presentation

/// The backups of a folder, on standard output.
struct BackupTable {
    let items: [BackupListing.Item]

    /// What is known of a backup.
    enum Columns: TableColumns {
        static let headings = ["Time", "File", "Size", "Images", "Tags", "Omitted layers"]
    }

    func write(as options: ConsoleOptions) throws {
        if options.isJSON { return try StandardOutput.write(TerminalText.json(ReportJSON.text(of: items))) }
        let console = Console(options)
        try console.table(
            Table(
                content: "backups",
                header: Columns.headings,
                rows: items.map { item in
                    [
                        item.time, item.file, "\(ByteCount(item.size))", "\(item.images)", "\(item.tags)",
                        "\(item.omittedLayers)",
                    ]
                },
                grid: Table.Grid(styles: [.text, .name, .number, .number, .number, .number])
            )
        )
        try console.finish(false)
    }
}
