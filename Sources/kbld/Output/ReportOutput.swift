import ContainerImage
import PackageReport

/// A report on standard output: a table of images, or JSON with sizes as numbers.
struct ReportOutput {
    let report: PackageReport

    func write(as options: ConsoleOptions) throws {
        if options.isJSON { return try StandardOutput.write(TerminalText.json(ReportJSON.text(of: report))) }
        let console = Console(options)
        try console.table(
            Table(
                content: "images",
                header: ["Image", "Platform", "Type", "Layers", "Size", "Own", "Shared"],
                rows: report.images.map { image in
                    [
                        image.reference, image.platform, image.kind == .image ? "image" : image.type,
                        "\(image.layers.count)", "\(ByteCount(image.layerBytes))", "\(ByteCount(image.ownBytes))",
                        "\(ByteCount(image.sharedBytes))",
                    ]
                }
            )
        )
        try console.finish()
    }
}
