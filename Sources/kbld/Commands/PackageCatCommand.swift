import ArgumentParser
import KbldWorkflows
import LibC
import NIOCore

/// `kbld package cat`: one manifest, config, layer or file of a package.
struct PackageCatCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Print a manifest, a config, a layer or a file that is in a package.",
        discussion: """
            Without a path the manifest or index is printed, of a layer's digest the layer as it is stored.

            Examples:
              kbld package cat images.tar registry.local/app
              kbld package cat images.tar registry.local/app --config
              kbld package cat images.tar registry.local/app:/etc/os-release
            """
    ).ofProgram

    @OptionGroup var subjectFlags: PackagedSubjectFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws { _ = try subjectFlags.subject() }

    func run() async throws {
        let (package, name) = try subjectFlags.subject()
        let work = try await PackageContentsWorkflow(package, temporaryFolder: temporaryFlags.folder)
        let platform = try subjectFlags.platform()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var last: UInt8?
        try await withProgress(of: "cat") { progress in
            try await work.read(name, subjectFlags.part, for: platform, progress: progress) { chunk in
                guard !isTerminal || TerminalText.isPlain(chunk.readableBytesView) else { throw BinaryOutputError() }
                try StandardOutput.write(chunk.readableBytesView)
                last = chunk.readableBytesView.last ?? last
            }
        }
        // The prompt that follows has a line of its own.
        if isTerminal, let last, last != UInt8(ascii: "\n") { try StandardOutput.write("\n") }
    }
}

/// Bytes that would go to a terminal.
private struct BinaryOutputError: Error, Sendable, CustomStringConvertible {
    var description: String { "This is not text, and standard output is a terminal; redirect it to a file" }
}
