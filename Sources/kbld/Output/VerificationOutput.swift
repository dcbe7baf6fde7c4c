import ContainerImage
import PackageArchive
import PackageReport

/// What a verification found, on standard output: a table, or JSON.
struct VerificationOutput {
    let verification: PackageVerification

    /// One line for the log.
    var summary: String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        return "\(counted(verification.trees.count, "good image")), "
            + "\(counted(verification.layerCount, "layer")) of \(ByteCount(verification.layerBytes)) hashed, "
            + "\(counted(verification.faults.count, "fault")), \(counted(verification.notes.count, "note"))"
    }

    func write(to flags: ConsoleFlags) throws {
        if flags.json {
            let result = Result(
                package: verification.path,
                format: verification.format.rawValue,
                ok: verification.faults.isEmpty,
                packageBytes: verification.size,
                entries: verification.entryCount,
                images: verification.trees.count,
                layers: verification.layerCount,
                layerBytes: verification.layerBytes,
                faults: verification.faults,
                notes: verification.notes
            )
            return try StandardOutput.write(ReportJSON.text(of: result))
        }
        let console = flags.console()
        try console.table(
            Table(
                content: "findings",
                header: ["Subject", "Kind", "Finding"],
                rows: verification.findings.map {
                    [$0.subject, $0.isNote ? "note" : "\($0.kind.rawValue) fault", $0.message]
                }
            )
        )
        // The log has the outcome.
        try console.finish(verification.faults.isEmpty)
    }

    private struct Result: Encodable {
        let package: String
        let format: String
        let ok: Bool
        let packageBytes: Int64
        let entries: Int
        let images: Int
        let layers: Int
        let layerBytes: Int64
        let faults: [PackageFault]
        let notes: [PackageFault]
    }
}
