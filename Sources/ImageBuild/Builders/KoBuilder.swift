/// `ko publish`: prints the reference of what it made.
struct KoBuilder: Sendable {
    /// Builds, and gives what ko printed.
    func build(
        _ folder: String,
        importPath: String?,
        _ rawOptions: [String],
        by process: BuildProcess
    ) async throws -> String {
        process.note("starting build (using ko): \(importPath ?? folder)")
        let output = try await process.run("ko", ["publish", importPath ?? ".", "--local"] + rawOptions, in: folder)
        let reference = output.standardOutput.trimmed
        guard !reference.isEmpty, !reference.contains("\n") else {
            throw BuildError.badOutput(program: "ko publish", lacks: "the one reference of what it made")
        }
        process.note("finished build (using ko)")
        return reference
    }
}
