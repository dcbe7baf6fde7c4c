import ArgumentParser
import ContainerImage
import DocumentInput
import ImageStore
import ImageTransfer
import KbldConfiguration
import Packages
import RegistryClient
import Resolution

/// `kbld unpackage`: all images of a tarball go into one repository.
struct UnpackageCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpackage",
        abstract: "Upload all images of a tarball into one repository, and print the documents with their new places.",
        discussion: """
            Examples:
              kbld unpkg -f resolved.yml --input images.tar --repository registry.example.com/app
              ssh host cat images.tar | kbld unpkg -f resolved.yml -i - -r registry.example.com/app
              kbld unpkg -f resolved.yml -i images.tar -r one.example.com/app -r two.example.com/app
              kbld unpkg -f resolved.yml -i images.tar -r registry.example.com/app --repository-layout mirror
            """,
        aliases: ["unpkg"]
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @OptionGroup var destinationFlags: DestinationFlags

    @Option(name: .shortAndLong, help: ArgumentHelp("The tarball; - is standard input.", valueName: "file"))
    var input: String?

    @Option(
        name: .customLong("base-repository"),
        help: ArgumentHelp(
            "For a delta: a repository, besides those that take the images, that has layers it leaves out; may be "
                + "given several times.",
            valueName: "repository"
        )
    )
    var baseRepositories: [String] = []

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Write a lock file here.", valueName: "file"))
    var lockOutput: String?

    @Option(help: ArgumentHelp("How many transfers are under way at once.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard let input, !input.isEmpty else { throw ValidationError("--input is missing: the tarball") }
        let files = fileFlags.files.flatMap { $0.split(separator: ",") }
        guard input != PackagePath.standardStream || !files.contains("-") else {
            throw ValidationError(
                "Standard input can't be both the tarball (--input -) and documents (-f -); give one of them as a file"
            )
        }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
        for text in baseRepositories { _ = try RepositoryArgument.repository(text, of: "--base-repository") }
    }

    func run() async throws {
        try TextFile.check(lockOutput)
        let arrival = try destinationFlags.arrival()
        let manifests = try await fileFlags.manifests()
        let path = input ?? ""
        let images =
            if PackagePath.isStream(path) {
                try await unpack(try await ArchiveStream(path: path), manifests, arrival)
            } else {
                try await unpack(try await AnyPackage(path: path), manifests, arrival)
            }
        try RelocatedOutput(manifests: manifests)
            .write(images: images, lockOutput: lockOutput, to: consoleFlags.console())
    }

    private var log: Log { Log(prefix: "unpackage | ") }

    private func unpack(
        _ package: AnyPackage,
        _ manifests: InputDocuments,
        _ arrival: DestinationPlan
    ) async throws -> [String: ResolvedImage] {
        let references = try UnpackagedReferences(manifests, package)
        for line in PackageFormatLog.lines(package) { log.line(line) }
        return try await deliver(package.notes, references, manifests, arrival) {
            batches,
            leftOut,
            progress in
            let relocation = ImageRelocation(
                atMost: concurrency,
                progress: progress,
                omitting: leftOut,
                checking: { try await package.verify($0, counting: $1) }
            )
            try await relocation.copy(batches, from: { _ in package })
        }
    }

    private func unpack(
        _ stream: ArchiveStream,
        _ manifests: InputDocuments,
        _ arrival: DestinationPlan
    ) async throws -> [String: ResolvedImage] {
        let references = try UnpackagedReferences(
            manifests,
            trees: stream.trees,
            names: stream.names,
            notes: stream.notes
        )
        return try await deliver(stream.notes, references, manifests, arrival) {
            batches,
            leftOut,
            progress in
            try await ImageRelocation(atMost: concurrency, progress: progress, omitting: leftOut)
                .copy(batches, streaming: stream)
        }
    }

    private func deliver(
        _ notes: PackageNotes,
        _ references: UnpackagedReferences,
        _ manifests: InputDocuments,
        _ arrival: DestinationPlan,
        by copy: ([ImageBatch], OmittedLayers, TransferProgress?) async throws -> Void
    ) async throws -> [String: ResolvedImage] {
        var images = try arrival.images(notes.filtered(references.images))
        notes.addOrigins(to: &images, of: references.images)
        let bases = try baseRepositories.map { try RepositoryArgument.repository($0, of: "--base-repository") }
        let trees = references.trees
        log.line("importing \(trees.count) images...")
        try await logFlags.withProgress(of: "unpackage", copying: "uploading") { progress in
            try await registryFlags.withClient { client in
                let leftOut = OmittedLayers(
                    notes.leftOutDigests,
                    bases: bases.map { client.repository($0) }
                )
                let batches = try arrival.batches(
                    of: trees,
                    filtered: notes.platformFilters ?? [],
                    for: manifests,
                    in: client,
                    log: log
                )
                try await copy(batches, leftOut, progress)
                try await notes.finish(batches, in: client, atMost: concurrency, log: log)
            }
        }
        log.line("imported \(trees.count) images")
        return images
    }
}
