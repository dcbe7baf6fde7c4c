import ArgumentParser
import ContainerImage
import FoundationEssentials
import ImageTransfer
import KbldWorkflows
import Packages

/// `kbld verify`: whether a package is whole, and says all that isn't.
struct VerifyCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a package and report every problem.",
        discussion: """
            The exit status is 1 if there are any. Entries, digests, sizes, what manifests refer to, padding and the \
            archive's end are checked; with --file, that the package has all images of the documents; with --against, \
            that a repository has all manifests, under their digests and tags, and all blobs in their sizes.

            Examples:
              kbld verify images.tar
              kbld verify images.tar -f resolved.yml --json
              kbld verify images.tar --against registry.example.com/app
            """
    ).ofProgram

    @Argument(
        help: ArgumentHelp(
            "Tarball, OCI layout or archive, docker-archive.",
            valueName: "package"
        ),
        completion: .file()
    )
    var bare: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The package, in place of the argument.", valueName: "file"),
        completion: .file()
    )
    var input: String?

    @Option(help: ArgumentHelp("Repository that must hold all of it.", valueName: "repository"))
    var against: String?

    @Option(
        name: .customLong("repository-layout"),
        help: ArgumentHelp(
            "Of --against: flat (default), mirror, mirror-with-host",
            discussion: "With mirror, images are below it under their own paths, as restore puts them.",
            valueName: "layout"
        )
    )
    var layout = DestinationFlags.Layout.flat

    @Flag(inversion: .prefixedNo, help: "With --against: fetch and hash all blobs.")
    var deep = false

    @Flag(
        help: ArgumentHelp(
            "Refuse indexes that lack images.",
            discussion: "Without it, an index of which the package has some images alone is taken as it is."
        )
    )
    var whole = false

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var signatureFlags: SignatureFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var trustFlags: TrustFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<VerificationOutput.Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent reads and requests.", valueName: "count"))
    var concurrency = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        try columnFlags.check()
        try PackageArgument.checkStandardInput([try PackageArgument.only(input, bare)], documents: fileFlags.names)
        try OutputPaths.check(
            [("--signatures-report", signatureFlags.report)],
            packages: [("the package", try PackageArgument.only(input, bare))] + signatureFlags.inputs
                + trustFlags.inputs,
            documents: fileFlags.names
        )
        guard !deep || against != nil else { throw ValidationError("--deep requires --against") }
        try Concurrency.check(concurrency)
        guard layout == .flat || against != nil else { throw ValidationError("--repository-layout requires --against") }
        _ = try destination()
    }

    func run() async throws {
        let log = Log(prefix: "verify | ")
        let package = try PackageArgument.only(input, bare)
        let options = try options(for: package)
        let work = try await VerifyWorkflow(
            options,
            in: WorkflowContext(
                registryFlags,
                finders: finderFlags,
                rate: rateFlags,
                temporary: temporaryFlags,
                log: log
            )
        )
        let inside = try await withProgress(of: "verify") { try await work.verifyPackage(progress: $0) }
        let findings = try await withProgress(of: "verify") {
            try await work.compareRepository(with: inside, progress: $0)
        }
        var output = VerificationOutput(verification: findings.verification)
        if let destination = options.destination, let outcome = findings.outcome {
            output.comparison = .init(repository: "\(destination)", outcome: outcome, isDeep: deep)
        }
        try output.write(as: consoleFlags.options(of: columnFlags))
        findings.remarks.forEach(log.sink)
        log.line(output.summary)
        if let request = output.request { log.line(request) }
        if let comparison = output.comparison { log.line(comparison.summary) }
        let count = findings.verification.errors.count
        guard count == 0 else {
            // What only the repository lacks can be uploaded again.
            let isLacking = count == findings.outcome?.errors.count
            throw FaultyPackageError(
                package: package,
                repository: against,
                count: count,
                remedy: isLacking ? findings.verification.metadata.backup == nil ? .unpackage : .restore : nil
            )
        }
    }

    private func destination() throws -> RepositoryRoot? {
        guard let against else { return nil }
        return layout.value.keepsPaths
            ? try RepositoryArgument.root(against, of: "--against")
            : RepositoryRoot(try RepositoryArgument.repository(against, of: "--against"))
    }

    private func options(for package: String) throws -> VerifyWorkflow.Options {
        var options = VerifyWorkflow.Options(package: package)
        options.files = fileFlags.names
        options.destination = try destination()
        options.layout = layout.value
        options.isDeep = deep
        options.signatures = signatureFlags.options
        options.isWhole = whole
        options.trust = trustFlags.options
        options.concurrency = concurrency
        return options
    }
}

/// A package that isn't as it must be.
struct FaultyPackageError: Error, CustomStringConvertible {
    let package: String
    let repository: String?
    let count: Int
    /// What uploads what only the repository lacks; nil where the package itself is at fault.
    let remedy: Remedy?

    /// A command.
    enum Remedy: String {
        case unpackage, restore
    }

    var description: String {
        "Verifying package '\(package)'\(repository.map { " against \($0)" } ?? ""): "
            + "\(Count.text(count, "error")), listed on standard output"
            + (remedy.map { "; the package is valid, and 'kbld \($0)' uploads what the repository lacks" } ?? "")
    }
}
