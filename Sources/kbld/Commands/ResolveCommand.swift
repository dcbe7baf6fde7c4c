import ArgumentParser
import ContainerImage
import DocumentInput
import FoundationEssentials
import ImageBuild
import KbldConfiguration
import KubernetesYAML
import RegistryClient
import Resolution

/// `kbld resolve`, and `kbld` alone: image references become digests.
struct ResolveCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Resolve image references to digests, and print the documents with them.",
        discussion: """
            Examples:
              kbld -f config.yml
              kbld -f config/ -f https://example.com/more.yml --lock-output kbld.lock.yml
              helm template app | kbld -f - --platform linux/amd64
            """
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Flag(inversion: .prefixedNo, help: "Allow images to be built from configured sources.")
    var build = true

    @Option(
        name: .customLong("build-concurrency"),
        help: ArgumentHelp("How many builds run at once.", valueName: "count")
    )
    var buildConcurrency = 4

    @Flag(name: .customLong("images-annotation"), inversion: .prefixedNo, help: "Annotate resources with their images.")
    var imagesAnnotation = true

    @Flag(
        name: .customLong("origins-annotation"),
        inversion: .prefixedNo,
        help: "Tell the origins of images in an imgpkg lock file."
    )
    var originsAnnotation = true

    @Option(
        name: .customLong("image-map-file"),
        help: ArgumentHelp("A JSON file of references and what takes their place.", valueName: "file")
    )
    var imageMapFile = ""

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Write a lock file here.", valueName: "file"))
    var lockOutput = ""

    @Option(
        name: .customLong("imgpkg-lock-output"),
        help: ArgumentHelp("Write an imgpkg ImagesLock here.", valueName: "file")
    )
    var imgpkgLockOutput = ""

    @Option(
        help: ArgumentHelp("Choose the image of an index for os/arch[/variant][:osversion].", valueName: "platform")
    )
    var platform = ""

    @Flag(
        name: .customLong("unresolved-inspect"),
        inversion: .prefixedNo,
        help: "List the references as they stand, without asking a registry."
    )
    var unresolvedInspect = false

    func validate() throws {
        guard lockOutput.isEmpty || imgpkgLockOutput.isEmpty else {
            throw ValidationError("--lock-output and --imgpkg-lock-output exclude each other: give one of them")
        }
        guard buildConcurrency > 0 else { throw ValidationError("--build-concurrency must be at least 1") }
    }

    func run() async throws {
        try TextFile.check(lockOutput)
        try TextFile.check(imgpkgLockOutput)
        let platform = platform.isEmpty ? nil : try Platform(platform)
        var manifests = try await fileFlags.manifests()
        let console = consoleFlags.console()
        let update = ReferenceUpdate(manifests.configuration)
        let references = update.references(in: manifests.resources)
        if unresolvedInspect {
            let list = references.map { YAMLValue.map(["image": .string($0)]) }
            if !list.isEmpty { try console.block(YAMLWriter.text(of: .list(list))) }
            return try console.finish()
        }
        if !imageMapFile.isEmpty { manifests.configuration.append(try ImageMap.read(imageMapFile)) }
        let configuration = manifests.configuration
        let images = try await logFlags.withProgress(of: "resolve") { progress in
            try await registryFlags.withClient { client in
                let resolver = ImageResolver(
                    configuration: configuration,
                    registry: client,
                    platform: platform,
                    build: build ? builder(with: client) : nil,
                    buildLimit: buildConcurrency
                )
                return try await resolver.resolve(references, atMost: 64, progress: progress)
            }
        }
        let log = Log(prefix: "resolve | ")
        for (reference, image) in images.sorted(by: { $0.key < $1.key }) {
            log.line("final: \(reference) -> \(image.url)")
        }
        try writeLock(images, configuration)
        let texts = try await update.texts(of: manifests.resources, images, annotates: imagesAnnotation)
        for text in texts { try console.block(text) }
        try console.finish()
    }

    private func builder(with client: RegistryClient) -> ImageResolver.Build {
        let build = SourceBuild(
            path: ProcessInfo.processInfo.environment["PATH"] ?? "",
            log: { Log.write($0) },
            tag: { image, tags in
                let reference = try DigestReference(image)
                try await client.repository(reference.repository).tag(reference.digest, as: tags.map { try Tag($0) })
            },
            lookUp: { repository, tag in
                try await client.repository(repository).resolve(tag).digest
            }
        )
        return { reference, source, destination in try await build(reference, source, destination) }
    }

    private func writeLock(_ images: [String: ResolvedImage], _ configuration: Configuration) throws {
        let sorted = images.sorted { $0.key < $1.key }
        if !lockOutput.isEmpty {
            let lock = LockOutput(
                minimumRequiredVersion: try SemanticVersion(Kbld.version),
                searchRules: configuration.givenRules,
                images: sorted.map { LockOutput.Entry(matcher: .image($0.key), newImage: $0.value.url) }
            )
            try TextFile.write(lock.text, to: lockOutput)
        }
        if !imgpkgLockOutput.isEmpty {
            // imgpkg takes no other, nor does kbld.
            for (reference, image) in sorted where (try? DigestReference(image.url)) == nil {
                throw MissingDigestError(reference: reference, image: image.url)
            }
            let lock = ImagesLock(
                images: sorted.map {
                    ImagesLock.Entry(
                        reference: $0.key,
                        image: $0.value.url,
                        origins: originsAnnotation ? $0.value.origins : []
                    )
                }
            )
            try TextFile.write(lock.text, to: imgpkgLockOutput)
        }
    }
}

/// An image that an imgpkg lock can't hold.
private struct MissingDigestError: Error, Sendable, CustomStringConvertible {
    let reference: String
    let image: String

    var description: String {
        "Writing the imgpkg lock: expected the image of '\(reference)' to be in digest form, got '\(image)'; "
            + "--lock-output takes such images"
    }
}
