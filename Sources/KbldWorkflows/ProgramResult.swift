import Subprocess

/// What a program left.
struct ProgramResult {
    let isSuccess: Bool
    let output: String
    /// All that it wrote to standard error.
    let error: String
    /// What it said of an error.
    let words: String

    init(_ program: String, _ status: TerminationStatus, _ output: String, _ error: String) {
        isSuccess = status.isSuccess
        self.output = output
        self.error = error
        let lines = (error.isEmpty ? output : error).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("Error") } ?? lines.last ?? "\(status)"
        words = String(line.hasPrefix("\(program): ") ? line.dropFirst(program.count + 2) : line)
    }
}
