import ArgumentParser
import ContainerImage
import ImageStore
import ImageTransfer
import Packages
import RegistryClient

/// `kbld relocate`: all images go from their registries into one repository, with no file between.
struct RelocateCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "relocate",
        abstract: "Copy all images into one repository, and print the documents with their new places.",
        discussion: """
            Examples:
              kbld relocate -f resolved.yml --repository registry.example.com/app
              kbld relocate -f resolved.yml -r registry.example.com/mirror --repository-layout mirror --tag-with-origin
            """
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @OptionGroup var destinationFlags: DestinationFlags
    @OptionGroup var companionFlags: CompanionFlags

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Write a lock file here.", valueName: "file"))
    var lockOutput: String?

    @Option(help: ArgumentHelp("How many transfers are under way at once.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard !fileFlags.files.isEmpty else { throw ValidationError("--file is missing: at least one is needed") }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
    }

    func run() async throws {
        try TextFile.check(lockOutput)
        let arrival = try destinationFlags.arrival()
        let manifests = try await fileFlags.manifests()
        let references = try PackagedReferences(manifests)
        let log = Log(prefix: "relocate | ")
        log.line("exporting \(references.count) images...")
        for text in references.texts { log.line("will export \(text)") }
        let images = try await logFlags.withProgress(of: "relocate") { progress in
            try await registryFlags.withClient { client in
                let read = try await companionFlags.read(
                    references.all,
                    in: client,
                    atMost: concurrency,
                    progress: progress
                )
                log.line("exported \(references.count) images")
                let gathered = try await companionFlags.gather(read, in: client, atMost: concurrency, log: log)
                let notes = PackageNotes(gathered)
                log.line("importing \(gathered.trees.count) images...")
                let batches = try arrival.batches(
                    of: gathered.trees,
                    filtered: gathered.platformFilters,
                    for: manifests,
                    in: client,
                    log: log
                )
                try await ImageRelocation(atMost: concurrency, progress: progress)
                    .copy(batches, from: { client.repository($0) })
                try await notes.finish(batches, in: client, atMost: concurrency, log: log)
                log.line("imported \(gathered.trees.count) images")
                var images = try arrival.images(notes.filtered(references.images))
                notes.addOrigins(to: &images, of: references.images)
                return images
            }
        }
        try RelocatedOutput(manifests: manifests)
            .write(images: images, lockOutput: lockOutput, to: consoleFlags.console())
    }
}
