import ContainerImage
import PackageReport
import Presentation

/// A report on standard output: a table of images, or JSON with sizes as numbers.
struct ReportOutput {
    let report: PackageReport

    /// What is known of an image and its layers.
    enum Columns: TableColumns {
        static let headings = ["Image", "Platform", "Type", "Layers", "Size", "Own", "Shared"]
    }

    /// The platform, and of an index that isn't all there how many it names.
    private static func platform(of image: PackageReport.Image) -> String {
        guard !image.platform.isEmpty else { return "-" }
        return image.platform + (image.platformsInIndex.map { " of \($0)" } ?? "")
    }

    func write(as options: ConsoleOptions) throws {
        if options.isJSON { return try StandardOutput.write(TerminalText.json(ReportJSON.text(of: report))) }
        let (console, totals) = (Console(options), report.totals)
        try console.table(
            Table(
                content: "images",
                header: Columns.headings,
                rows: report.images.map { image in
                    [
                        image.reference, Self.platform(of: image),
                        image.kind == .image ? "image" : image.type,
                        "\(image.layers.count)", "\(ByteCount(image.layerBytes))", "\(ByteCount(image.ownBytes))",
                        "\(ByteCount(image.sharedBytes))",
                    ]
                },
                grid: Table.Grid(
                    styles: [.name, .text, .text, .number, .number, .number, .number],
                    totals: [
                        Count.text(report.images.count, "image"), "", "", "\(totals.layers)",
                        "\(ByteCount(totals.layerBytes))", "\(ByteCount(totals.layerBytes - totals.sharedLayerBytes))",
                        "\(ByteCount(totals.sharedLayerBytes))",
                    ]
                )
            )
        )
        // The log has the outcome.
        try console.finish(false)
    }
}
