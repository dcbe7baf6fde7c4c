import ContainerImage
import ImageTransfer
import PackageReport
import Presentation

/// What would be uploaded, on standard output: a table, or JSON with sizes as numbers. No documents: these would name
/// images that aren't there.
struct RelocationPlanOutput {
    let plans: [RelocationPlan]

    /// What is known of a repository before anything is uploaded.
    enum Columns: TableColumns {
        static let headings = [
            "Repository", "Images", "Present images", "Blobs to upload", "Size", "Present blobs",
        ]
    }

    func write(as options: ConsoleOptions, _ log: Log) throws {
        if options.isJSON {
            try StandardOutput.write(
                TerminalText.json(ReportJSON.text(of: Result(repositories: plans.map { .init($0) })))
            )
        } else {
            let console = Console(options)
            try console.table(
                Table(
                    content: "repositories",
                    header: Columns.headings,
                    rows: plans.map { plan in
                        [
                            "\(plan.repository)", "\(plan.images)", "\(plan.presentImages)", "\(plan.blobs)",
                            "\(ByteCount(plan.blobBytes))", "\(plan.presentBlobs)",
                        ]
                    },
                    grid: Table.Grid(styles: [.name, .number, .number, .number, .number, .number])
                )
            )
            try console.finish(false)
        }
        let images = plans.reduce(0) { $0 + $1.images }
        let present = plans.reduce(0) { $0 + $1.presentImages }
        let blobs = plans.reduce(0) { $0 + $1.blobs }
        log.line(
            "would upload \(images - present) of \(Count.text(images, "image")), with \(Count.text(blobs, "blob")) of "
                + "\(ByteCount(plans.byteTotal(\.blobBytes))); nothing was uploaded or written"
        )
        for plan in plans where plan.sparseIndexes > 0 {
            log.line(
                "whether \(plan.repository.registry) accepts \(Count.text(plan.sparseIndexes, "index", plural: "indexes")) "
                    + "without all images shows only in an upload"
            )
        }
    }

    private struct Result: Encodable {
        struct Destination: Encodable {
            let repository: String
            let images: Int
            let presentImages: Int
            let blobs: Int
            let blobBytes: Int64
            let presentBlobs: Int
            let presentBlobBytes: Int64
            let sparseIndexes: Int

            init(_ plan: RelocationPlan) {
                repository = plan.repository.description
                images = plan.images
                presentImages = plan.presentImages
                blobs = plan.blobs
                blobBytes = plan.blobBytes
                presentBlobs = plan.presentBlobs
                presentBlobBytes = plan.presentBlobBytes
                sparseIndexes = plan.sparseIndexes
            }
        }

        let repositories: [Destination]
    }
}
