import ArgumentParser
import ContainerImage
import KbldWorkflows
import LibC
import PackageReport
import RegistryClient

/// `kbld doctor`: what works with a registry, in one go.
struct DoctorCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check a registry: name, connection, certificate, login, and the rights to pull and push.",
        discussion: """
            The exit status is 1 if a check fails. Nothing is uploaded without --push.

            Examples:
              kbld doctor registry.example.com
              kbld doctor registry.local/app --push
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("A registry, or a repository in it.", valueName: "registry[/repository]"))
    var place: String

    @Flag(inversion: .prefixedNo, help: "Also open an upload, cancel it, and upload a blob of two bytes.")
    var push = false

    @Flag(inversion: .prefixedNo, help: "Print as JSON.")
    var json = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        let (_, repository) = try target()
        guard !push || repository != nil else { throw ValidationError("--push needs a repository: \(place)/app") }
    }

    func run() async throws {
        let (registry, repository) = try target()
        let context = try WorkflowContext(registryFlags, log: Log(prefix: "doctor | "))
        let checks = try await DoctorWorkflow(of: registry, repository, pushing: push, in: context).run()
        if json {
            let list = checks.map {
                Check(check: $0.subject.rawValue, outcome: $0.outcome.rawValue, detail: Hints.text($0.detail))
            }
            try StandardOutput.write(
                TerminalText.json(ReportJSON.text(of: Result(registry: "\(registry)", checks: list)))
            )
        } else {
            for check in checks {
                let subject = check.subject.rawValue.padded(to: 10)
                let head = "\(check.outcome.rawValue.padded(to: 7))  \(subject)  "
                let lines = Self.lines(of: TerminalText.line(Hints.text(check.detail)), after: head.count)
                try StandardOutput.write(head + lines.joined(separator: "\n" + "".padded(to: head.count)) + "\n")
            }
        }
        if checks.contains(where: { $0.outcome == .failed }) { throw ExitCode(1) }
    }

    /// The lines of a text that begins in the column `start` of a terminal; one line where there is none.
    private static func lines(of text: String, after start: Int) -> [String] {
        guard let width = Terminal.width(of: STDOUT_FILENO), width >= start + 20 else { return [text] }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, start + last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func target() throws -> (RegistryHost, Repository?) {
        let name = place.hasSuffix("/") ? String(place.dropLast()) : place
        guard name.contains("/") else { return (try RegistryArgument.host(name), nil) }
        let repository = try RepositoryArgument.repository(name, of: "The argument")
        return (repository.registry, repository)
    }

    private struct Check: Encodable {
        let check: String
        let outcome: String
        let detail: String
    }

    private struct Result: Encodable {
        let registry: String
        let checks: [Check]
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
