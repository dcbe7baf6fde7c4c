/// The programs that build: those that are installed, or what stands in for them.
package protocol BuildPrograms: Sendable {
    /// Whether there is such a program.
    func has(_ program: String) -> Bool

    /// Runs a program and waits for its end.
    ///
    /// - Parameter line: Takes each line that it prints, as it comes.
    /// - Throws: `BuildError` when it can't be run, or ends with another status than 0.
    func run(_ call: ProgramCall, line: @escaping @Sendable (String) -> Void) async throws -> ProgramOutput
}

/// A program that is run, without a shell.
package struct ProgramCall: Sendable, Equatable {
    /// Its name.
    package let program: String
    /// What it is given.
    package let arguments: [String]
    /// Where it runs; nil for here.
    package let folder: String?
    /// The variables that it gets in addition to those of this process.
    package let environment: [String: String]

    /// A call of its parts.
    package init(program: String, arguments: [String], folder: String? = nil, environment: [String: String] = [:]) {
        self.program = program
        self.arguments = arguments
        self.folder = folder
        self.environment = environment
    }
}

/// What a program printed: all of it, or the end of very much.
package struct ProgramOutput: Sendable {
    package let standardOutput: String
    let standardError: String

    /// Output of its parts.
    package init(standardOutput: String = "", standardError: String = "") {
        self.standardOutput = standardOutput
        self.standardError = standardError
    }
}
