import ContainerImage
import ImageStore
import ImageTransfer
import PackageReport
import Packages
import Presentation

/// What a verification found, on standard output: a table, or JSON.
struct VerificationOutput {
    let verification: PackageVerification
    /// What a repository was found to have, if one was asked.
    var comparison: Comparison?

    /// A repository that was compared with the package.
    struct Comparison {
        let repository: String
        let outcome: RepositoryVerification.Outcome
        /// Whether its blobs were hashed.
        let isDeep: Bool

        /// One line for the log.
        var summary: String {
            let images = Count.text(outcome.imageCount, "image")
            guard outcome.errors.isEmpty else { return "\(repository) lacks some of \(images), or they differ there" }
            let blobs = Count.text(outcome.blobCount, "blob")
            return "\(repository) has all of \(images), "
                + (isDeep ? "\(blobs) of \(ByteCount(outcome.blobBytes)) hashed" : "\(blobs) with the right sizes")
        }
    }

    /// What is known of a finding.
    enum Columns: TableColumns {
        static let headings = ["Subject", "Kind", "Finding"]
    }

    /// One line for the log.
    var summary: String {
        let images = verification.images
        let good = images.count(where: \.isGood)
        let outcome =
            good == images.count
            ? Count.text(good, "valid image")
            : "\(good) of \(Count.text(images.count, "image")) valid; \(damaged)"
        return "\(outcome), \(Count.text(verification.layerCount, "layer")) of "
            + "\(ByteCount(verification.layerBytes)) hashed, \(Count.text(verification.errors.count, "error")), "
            + Count.text(verification.warnings.count, "warning")
    }

    /// What to ask for again, by numbers that can be said on a telephone; nil for nothing.
    var request: String? {
        let parts = verification.badParts.map { "part \($0)" }
        return parts.isEmpty ? nil : "needed again: \(parts.joined(separator: ", "))"
    }

    /// `lib/multi (linux/arm/v7) is damaged`; the digest only where the repository alone doesn't tell the image.
    private var damaged: String {
        let images = verification.images
        func repository(_ image: VerifiedImage) -> String { String(image.reference.prefix { $0 != "@" }) }
        let names = Dictionary(grouping: images, by: repository)
        let bad = images.filter { !$0.isGood }
        let words = bad.prefix(Self.namedLimit).map { image in
            let name = names[repository(image)]?.count == 1 ? repository(image) : image.reference
            return name + (image.damagedParts.isEmpty ? "" : " (\(image.damagedParts.joined(separator: ", ")))")
        }
        let more = bad.count > words.count ? ["\(bad.count - words.count) more"] : []
        return (words + more).joined(separator: ", ") + (bad.count == 1 ? " is damaged" : " are damaged")
    }

    /// How many damaged images a line names.
    private static let namedLimit = 5

    func write(as options: ConsoleOptions) throws {
        if options.isJSON {
            let result = Result(
                package: verification.path,
                format: verification.format.rawValue,
                ok: verification.errors.isEmpty,
                packageBytes: verification.size,
                entries: verification.entryCount,
                images: verification.images.count,
                goodImages: verification.images.count(where: \.isGood),
                damagedImages: verification.images.filter { !$0.isGood },
                layers: verification.layerCount,
                layerBytes: verification.layerBytes,
                faults: verification.errors.map(Hints.worded),
                notes: verification.warnings.map(Hints.worded),
                parts: verification.badParts.isEmpty ? nil : verification.badParts,
                repository: comparison.map(Result.Place.init)
            )
            return try StandardOutput.write(TerminalText.json(ReportJSON.text(of: result)))
        }
        let console = Console(options)
        try console.table(
            Table(
                content: "findings",
                header: Columns.headings,
                rows: verification.findings.map {
                    [$0.subject, $0.isWarning ? "warning" : "\($0.kind.rawValue) error", Self.message(of: $0)]
                },
                grid: Table.Grid(styles: [.name, .text, .prose], shortensDigests: false)
            )
        )
        // The log has the outcome.
        try console.finish(false)
    }

    /// What is wrong, and which images it affects.
    private static func message(of finding: PackageIssue) -> String {
        let others = finding.images.filter { $0 != finding.subject }
        let message = Hints.text(finding.message)
        guard !others.isEmpty else { return message }
        let named = others.prefix(namedLimit).joined(separator: ", ")
        let more = others.count > namedLimit ? ", and \(others.count - namedLimit) more" : ""
        return "\(message); affects \(named)\(more)"
    }

    private struct Result: Encodable {
        let package: String
        let format: String
        let ok: Bool
        let packageBytes: Int64
        let entries: Int
        let images: Int
        let goodImages: Int
        let damagedImages: [VerifiedImage]
        let layers: Int
        let layerBytes: Int64
        let faults: [PackageIssue]
        let notes: [PackageIssue]
        /// The parts to be had again.
        let parts: [Int]?
        let repository: Place?

        struct Place: Encodable {
            let name: String
            let ok: Bool
            let images: Int
            let blobs: Int
            let blobBytes: Int64
            let isHashed: Bool

            init(_ comparison: Comparison) {
                name = comparison.repository
                ok = comparison.outcome.errors.isEmpty
                images = comparison.outcome.imageCount
                blobs = comparison.outcome.blobCount
                blobBytes = comparison.outcome.blobBytes
                isHashed = comparison.isDeep
            }
        }
    }
}
