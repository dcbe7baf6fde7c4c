import ArgumentParser
import ContainerImage
import DocumentInput
import FoundationEssentials
import ImageStore
import ImageTransfer
import Packages
import RegistryClient

/// `kbld verify`: whether a package is whole, and says all that isn't.
struct VerifyCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every byte of a package, and tell all its faults.",
        discussion: """
            Without --against no registry is asked. Entries, digests, sizes, what manifests refer to, padding and the
            archive's end are checked; with --file, that the package has all images of the documents; with --against,
            that a repository has all manifests, under their digests and tags, and all blobs in their sizes.
            The package - is standard input, where that is a file. The exit status is 1 where there are faults.

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
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("How many layers are hashed at once, and how many requests are.", valueName: "count"))
    var concurrency = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard !deep || against != nil else { throw ValidationError("--deep goes with --against") }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
        if let against { _ = try RepositoryArgument.repository(against, of: "--against") }
    }

    func run() async throws {
        let log = Log(prefix: "verify | ")
        let manifests = fileFlags.files.isEmpty ? nil : try await fileFlags.manifests()
        var verification = try await logFlags.withProgress(of: "verify") {
            try await PackageVerification(recognizing: package, atMost: concurrency, progress: $0)
        }
        // What would be installed: of an index whose images aren't all there, those that are.
        var trees = verification.trees.flatMap(\.completeParts)
        if let manifests {
            do {
                trees = try UnpackagedReferences(manifests, verification).trees
            } catch {
                verification.findings += error.faults
            }
        }
        var comparison: String?
        if let against {
            let repository = try RepositoryArgument.repository(against, of: "--against")
            let names = verification.recorded.names ?? []
            let asked = trees
            let outcome = try await logFlags.withProgress(of: "verify") { progress in
                try await registryFlags.withClient { client in
                    try await RepositoryVerification(
                        of: client.repository(repository),
                        atMost: max(concurrency, 16),
                        isDeep: deep,
                        progress: progress
                    ).outcome(for: asked, named: names)
                }
            }
            verification.findings += outcome.faults
            comparison = VerificationOutput.comparison(with: repository, outcome, isDeep: deep)
        }
        let output = VerificationOutput(verification: verification)
        try output.write(to: consoleFlags)
        let faults = verification.faults.count
        log.line(output.summary)
        if let comparison { log.line(comparison) }
        guard faults == 0 else { throw FaultyPackageError(package: package, repository: against, count: faults) }
    }
}

/// A package that isn't as it must be.
struct FaultyPackageError: Error, CustomStringConvertible {
    let package: String
    let repository: String?
    let count: Int

    var description: String {
        "Verifying package '\(package)'\(repository.map { " against \($0)" } ?? ""): "
            + "\(count) fault\(count == 1 ? "" : "s"), listed on standard output"
    }
}
