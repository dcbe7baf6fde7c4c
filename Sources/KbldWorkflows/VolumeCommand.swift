public import ContainerImage
import FoundationEssentials
package import ImageBuild
import Packages

/// What is done with each file of a package that is cut, as soon as it is whole: a command of the shell.
public struct VolumeCommand: Sendable {
    /// The names of the variables that tell the command about the file.
    public struct Variables: Sendable {
        /// That of its number, counted from one.
        public let number: String
        /// That of its path.
        public let path: String

        /// Creates a pair of names.
        public init(number: String, path: String) {
            self.number = number
            self.path = path
        }
    }

    private let text: String
    private let variables: Variables
    private let programs: any BuildPrograms
    private let log: LogSink

    /// Creates a call of the command `text` for each file; what it prints goes to `log`.
    public init(_ text: String, variables: Variables, searchPath: String, log: @escaping LogSink) {
        self.init(text, variables, programs: InstalledPrograms(path: searchPath), log: log)
    }

    /// Creates a call of the command by `programs`.
    package init(_ text: String, _ variables: Variables, programs: any BuildPrograms, log: @escaping LogSink) {
        self.text = text
        self.variables = variables
        self.programs = programs
        self.log = log
    }

    /// Runs the command, with the file's number and path in its environment.
    ///
    /// - Throws: `VolumeCommandError` naming the file.
    public func run(_ number: Int, _ path: String) async throws {
        let environment = [variables.number: "\(number)", variables.path: path]
        let call = ProgramCall(program: "sh", arguments: ["-c", text], environment: environment)
        do {
            _ = try await programs.run(call) { [log] in log("\(path): \($0)") }
        } catch {
            if error is CancellationError { throw error }
            throw VolumeCommandError(path: path, cause: error)
        }
    }
}

/// A command that failed with one of the files of a package.
public struct VolumeCommandError: MultilineError, Sendable {
    /// The file.
    public let path: String
    /// What happened.
    public let cause: any Error

    /// What failed, with the command's last words.
    public var lines: [HintedText] {
        let isThere = FileManager.default.fileExists(atPath: path)
        return ["Handing over '\(path)', which is whole\(isThere ? " and kept" : ""):"]
            + [HintedText](describing: cause)
    }
}
