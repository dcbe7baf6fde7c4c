import ArgumentParser
import ContainerImage
import ImageLayout
import ImageStore
import ManifestInput
import PackageArchive
import RegistryClient
import Relocation
import Resolution

/// `kbld unpackage`: all images of a tarball go into one repository.
struct UnpackageCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpackage",
        abstract: "Upload all images of a tarball into one repository, and print the documents with their new places.",
        discussion: """
            Example:
              kbld unpkg -f resolved.yml --input images.tar --repository registry.example.com/app
            """,
        aliases: ["unpkg"]
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(name: .shortAndLong, help: ArgumentHelp("The tarball.", valueName: "file"))
    var input: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The repository that takes the images.", valueName: "repository"))
    var repository: String?

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Write a lock file here.", valueName: "file"))
    var lockOutput: String?

    @Option(help: ArgumentHelp("How many transfers are under way at once.", valueName: "count"))
    var concurrency = 16

    func validate() throws {
        guard let input, !input.isEmpty else { throw ValidationError("--input is missing: the tarball") }
        guard let repository, !repository.isEmpty else {
            throw ValidationError("--repository is missing: where the images go")
        }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
    }

    func run() async throws {
        try TextFile.check(lockOutput)
        let manifests = try await fileFlags.manifests()
        let destination = try Repository(repository ?? "")
        let archive = try await RecognizedPackage(path: input ?? "")
        let references = try UnpackagedReferences(manifests, archive)
        let log = Log(prefix: "unpackage | ")
        log.line("importing \(archive.trees.count) images...")
        for line in ForeignPackage.lines(archive) { log.line(line) }
        for reference in archive.trees.map(\.reference).sorted() {
            let moved = DigestReference(repository: destination, digest: reference.digest)
            log.line("importing \(reference) -> \(moved)...")
        }
        try await logFlags.withProgress(of: "unpackage", copying: "uploading") { progress in
            try await registryFlags.withClient { client in
                let relocation = ImageRelocation(
                    to: client.repository(destination),
                    atMost: concurrency,
                    progress: progress,
                    checking: { try await archive.verify($0, counting: $1) }
                )
                try await relocation.copy(archive.trees, from: { _ in archive })
            }
        }
        log.line("imported \(archive.trees.count) images")
        try RelocatedOutput(manifests: manifests, destination: destination)
            .write(images: references.relocated(to: destination), lockOutput: lockOutput, to: consoleFlags.console())
    }
}
