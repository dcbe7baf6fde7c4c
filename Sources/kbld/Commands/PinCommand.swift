import ArgumentParser
import ContainerImage
import FoundationEssentials
import KbldWorkflows
import ReferenceChecks
import SourceReferences

/// `kbld pin`: references in files get digests, and nothing else in them changes.
struct PinCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Pin image references in files, keeping every other byte.",
        discussion: """
            Kubernetes documents, Compose files, Dockerfiles, pipelines (GitHub, GitLab, CircleCI, Tekton, Drone, \
            Woodpecker, Cloud Build), kustomizations, values of Helm charts, Podman units and lists of images are known \
            by their names, then by their content. All files are changed, or none. A comment '# kbld:ignore' leaves a \
            reference alone.

            Examples:
              kbld pin -f deploy/ -f Dockerfile > pinned.patch
              kbld pin -f . --in-place
              kbld pin -f . --in-place --update --only 'registry.local/**'
              kbld pin -f . --in-place --undo
            """
    ).ofProgram

    /// How references are written, as the flag has it.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case tagAndDigest = "tag-digest"
        case digest
    }

    @OptionGroup var fileFlags: SourceFileFlags

    @Option(help: ArgumentHelp("Type of all files.", discussion: "One of \(PinCommand.types).", valueName: "type"))
    var type = "auto"

    @Flag(name: .customLong("git-ignored"), inversion: .prefixedNo, help: "Take files too that git ignores.")
    var gitIgnored = false

    @Flag(name: .customLong("in-place"), inversion: .prefixedNo, help: "Change the files themselves.")
    var inPlace = false

    @Flag(inversion: .prefixedNo, help: "Print the changes as a patch, as without any of these three.")
    var diff = false

    @Option(
        help: ArgumentHelp("Folder for copies of all files, pinned.", valueName: "folder"),
        completion: .directory
    )
    var output: String?

    @Option(
        help: ArgumentHelp(
            "tag-digest or digest.",
            discussion: "name:tag@digest, or name@digest with a comment that has the tag.",
            valueName: "form"
        )
    )
    var form: Form?

    @Flag(inversion: .prefixedNo, help: "Move digests to where their tags point now.")
    var update = false

    @Flag(inversion: .prefixedNo, help: "Remove digests; asks no registry.")
    var undo = false

    @Option(
        help: ArgumentHelp(
            "Only these images: docker.io/library/*.",
            discussion: "* is anything without a slash, ** anything. Repeatable.",
            valueName: "pattern"
        )
    )
    var only: [String] = []

    @Option(help: ArgumentHelp("Not these images. Repeatable.", valueName: "pattern"))
    var skip: [String] = []

    @Option(
        help: ArgumentHelp(
            "Platform to select of an index: os/arch.",
            discussion: "In full it is os/arch[/variant][:osversion].",
            valueName: "platform"
        )
    )
    var platform = ""

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Lock file to write.", valueName: "file"))
    var lockOutput = ""

    @Option(
        name: .customLong("image-map-file"),
        help: ArgumentHelp(
            "JSON file that maps images to replacements.",
            discussion: "No registry is asked then.",
            valueName: "file"
        )
    )
    var imageMapFile = ""

    @Option(
        help: ArgumentHelp(
            "Package whose tags say the digests.",
            discussion: "No registry is asked then.",
            valueName: "package"
        ),
        completion: .file()
    )
    var input: String?

    @Flag(name: .customLong("keep-going"), inversion: .prefixedNo, help: "Pin what can be pinned; exit status 1.")
    var keepGoing = false

    @Flag(
        name: .customLong("helm-tag-digest"),
        inversion: .prefixedNo,
        help: "Helm values without digest field: write it into the tag."
    )
    var helmTagDigest = false

    @Flag(
        name: .customLong("default-tag"),
        inversion: .prefixedNo,
        help: "Take 'latest' where kustomize and Helm have no tag."
    )
    var defaultTag = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    private static var types: String { (["auto"] + SourceFileKind.allCases.map(\.rawValue)).joined(separator: ", ") }

    func validate() throws {
        guard !fileFlags.names.isEmpty else {
            throw ValidationError("--file is required: name the files and folders to look at, as in -f deploy/")
        }
        let modes = [("--in-place", inPlace), ("--diff", diff), ("--output", output != nil)].filter(\.1).map(\.0)
        guard modes.count <= 1 else { throw ValidationError("\(modes[0]) and \(modes[1]) are mutually exclusive") }
        guard output != "" else { throw ValidationError("--output must be a folder") }
        guard !update || !undo else { throw ValidationError("--update and --undo are mutually exclusive") }
        guard !undo || lockOutput.isEmpty else {
            throw ValidationError("--undo and --lock-output are mutually exclusive")
        }
        guard !undo || form == nil else { throw ValidationError("--undo and --form are mutually exclusive") }
        guard imageMapFile.isEmpty || input == nil else {
            throw ValidationError("--image-map-file and --input are mutually exclusive")
        }
        guard platform.isEmpty || (imageMapFile.isEmpty && input == nil) else {
            throw ValidationError("--platform needs a registry, which --image-map-file and --input are in the place of")
        }
        try OutputPaths.check(locks: [("--lock-output", lockOutput)], documents: fileFlags.names)
        let kind = try kind()
        if fileFlags.names.contains("-") {
            guard kind != nil else { throw ValidationError("-f - needs --type, which is one of \(Self.types)") }
        }
        try SourceFileFlags.refuseAddresses(fileFlags.names, beingDone: "pinned")
    }

    func run() async throws {
        let log = Log(prefix: "pin | ")
        let work = try PinWorkflow(
            try options(),
            in: WorkflowContext(registryFlags, reading: readingFlags, temporary: temporaryFlags, log: log)
        )
        let files = try await withProgress(of: "pin") { try await work.run(progress: $0) }
        let folder = FileManager.default.currentDirectoryPath
        if inPlace {
            try files.replaceFiles()
            if let bytes = files.standardInput { try StandardOutput.write(bytes) }
        } else if let output {
            try files.write(into: output, relativeTo: folder)
        } else {
            try StandardOutput.write(files.patch(from: folder))
        }
        log.line(summary(of: files))
        guard files.failures.isEmpty else { throw PinError(failures: files.failures, isPartial: true) }
    }

    private func summary(of files: PinnedFiles) -> String {
        let done = undo ? "unpinned" : "pinned"
        return "\(done) \(Count.text(files.referenceCount, "reference")) "
            + "in \(Count.text(files.changedFileCount, "file")) of \(files.files.count)"
    }

    private func kind() throws -> SourceFileKind? {
        guard type != "auto" else { return nil }
        guard let kind = SourceFileKind(rawValue: type) else {
            throw ValidationError("--type: '\(type)' is unknown; it is one of \(Self.types)")
        }
        return kind
    }

    private func options() throws -> PinWorkflow.Options {
        var selection = SourceFileSelection(names: fileFlags.names, kind: try kind())
        selection.takesGitIgnored = gitIgnored
        var options = PinWorkflow.Options(selection: selection)
        options.action = undo ? .undo : update ? .update : .pin
        options.form = form.flatMap { PinForm(rawValue: $0.rawValue) }
        options.only = only.map(NamePattern.init)
        options.skip = skip.map(NamePattern.init)
        options.platform = platform.isEmpty ? nil : try Platform(platform)
        options.lockOutput = lockOutput.isEmpty ? nil : lockOutput
        options.imageMap = imageMapFile.isEmpty ? nil : imageMapFile
        options.package = input
        options.keepsGoing = keepGoing
        options.usesTagField = helmTagDigest
        options.pinsUntagged = defaultTag
        return options
    }
}
