import ArgumentParser

/// `kbld version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() throws {
        try StandardOutput.write("kbld version \(Kbld.version)\n")
    }
}
