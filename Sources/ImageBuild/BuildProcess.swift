/// Runs the programs that build, their output live under the image's name.
struct BuildProcess: Sendable {
    /// What the lines of output are written under: `IMAGE | `.
    let prefix: String
    let programs: any BuildPrograms
    let log: @Sendable (String) -> Void

    /// Writes a line under the prefix.
    func note(_ text: String) { log(prefix + text) }

    /// Runs `program` and waits for its end.
    ///
    /// - Parameters:
    ///   - folder: Where it runs; nil for here.
    ///   - isSilent: Whether its output is only returned.
    /// - Throws: `BuildError` when it can't be run, or ends with another status than 0.
    func run(
        _ program: String,
        _ arguments: [String],
        in folder: String? = nil,
        environment: [String: String] = [:],
        isSilent: Bool = false
    ) async throws -> ProgramOutput {
        let call = ProgramCall(program: program, arguments: arguments, folder: folder, environment: environment)
        return try await programs.run(call) { if !isSilent { note($0) } }
    }
}
