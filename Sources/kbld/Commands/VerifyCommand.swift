import ArgumentParser
import FoundationEssentials
import KbldWorkflows
import Packages

/// `kbld verify`: whether a package is whole, and says all that isn't.
struct VerifyCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a package and report every problem.",
        discussion: """
            Without --against no registry is asked. Entries, digests, sizes, what manifests refer to, padding and the
            archive's end are checked; with --file, that the package has all images of the documents; with --against,
            that a repository has all manifests, under their digests and tags, and all blobs in their sizes.
            The package - is standard input, where that is a file. The exit status is 1 if there are errors.

            Examples:
              kbld verify images.tar
              kbld verify images.tar -f resolved.yml --json
              kbld verify images.tar --against registry.example.com/app
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The package: kbld's or imgpkg's tarball, an OCI layout or archive, a docker-archive.",
            valueName: "package"
        )
    )
    var package: String

    @Option(help: ArgumentHelp("A repository that must hold all of it.", valueName: "repository"))
    var against: String?

    @Flag(inversion: .prefixedNo, help: "With --against: fetch all blobs and hash them.")
    var deep = false

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Maximum number of concurrent reads and requests.", valueName: "count"))
    var concurrency = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard !deep || against != nil else { throw ValidationError("--deep requires --against") }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
        if let against { _ = try RepositoryArgument.repository(against, of: "--against") }
    }

    func run() async throws {
        let log = Log(prefix: "verify | ")
        let options = try options()
        let work = try await VerifyWorkflow(options, in: WorkflowContext(registryFlags, rate: rateFlags, log: log))
        let inside = try await withProgress(of: "verify") { try await work.verifyPackage(progress: $0) }
        let findings = try await withProgress(of: "verify") {
            try await work.compareRepository(with: inside, progress: $0)
        }
        let output = VerificationOutput(verification: findings.verification)
        try output.write(as: consoleFlags.options)
        log.line(output.summary)
        if let repository = options.repository, let outcome = findings.outcome {
            log.line(VerificationOutput.comparison(with: repository, outcome, isDeep: deep))
        }
        let count = findings.verification.errors.count
        guard count == 0 else { throw FaultyPackageError(package: package, repository: against, count: count) }
    }

    private func options() throws -> VerifyWorkflow.Options {
        var options = VerifyWorkflow.Options(package: package)
        options.files = fileFlags.names
        options.repository = try against.map { try RepositoryArgument.repository($0, of: "--against") }
        options.isDeep = deep
        options.concurrency = concurrency
        return options
    }
}

/// A package that isn't as it must be.
struct FaultyPackageError: Error, CustomStringConvertible {
    let package: String
    let repository: String?
    let count: Int

    var description: String {
        "Verifying package '\(package)'\(repository.map { " against \($0)" } ?? ""): "
            + "\(count) error\(count == 1 ? "" : "s"), listed on standard output"
    }
}
