import ArgumentParser
import FoundationEssentials
import ManifestInput
import PackageArchive
import PackageReport

/// `kbld verify`: whether a package is whole, and says all that isn't.
struct VerifyCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every byte of a package, and tell all its faults.",
        discussion: """
            No registry is asked. Entries, digests, sizes, what manifests refer to, padding and the archive's end are
            checked; with --file, that the package has all images of the documents.
            The exit status is 1 where there are faults.

            Examples:
              kbld verify images.tar
              kbld verify images.tar -f resolved.yml --json
            """
    )

    @Argument(help: ArgumentHelp("The package.", valueName: "package"))
    var package: String

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("How many layers are hashed at once.", valueName: "count"))
    var concurrency = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
    }

    func run() async throws {
        let manifests = fileFlags.files.isEmpty ? nil : try await fileFlags.manifests()
        var verification = try await logFlags.withProgress(of: "verify") {
            try await PackageVerification(path: package, atMost: concurrency, progress: $0)
        }
        if let manifests {
            do {
                _ = try UnpackagedReferences(manifests, verification.trees)
            } catch {
                verification.findings += error.references.map {
                    PackageFault(.document, $0, "the documents have this reference, the package lacks it")
                }
            }
        }
        try VerificationOutput(verification: verification).write(to: consoleFlags)
        let faults = verification.faults.count
        Log(prefix: "verify | ").line(VerificationOutput(verification: verification).summary)
        guard faults == 0 else { throw PackageIsFaulty(package: package, count: faults) }
    }
}

/// A package that isn't as it must be.
struct PackageIsFaulty: Error, CustomStringConvertible {
    let package: String
    let count: Int

    var description: String {
        "Verifying package '\(package)': \(count) fault\(count == 1 ? "" : "s"); make or fetch the package again"
    }
}
