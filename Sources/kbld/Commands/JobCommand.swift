import ArgumentParser
import ClusterConfiguration
import ContainerImage
import KbldWorkflows
import KubernetesYAML

/// `kbld job`: the manifests of a Kubernetes job that copies or installs images by several pods.
struct JobCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Write a Kubernetes job that copies images.",
        discussion: """
            An Indexed Job runs a shard in each pod; --last writes the job that finishes and prints the documents.

            Examples:
              kbld job relocate -f resolved.yml -r registry.local/app --shards 8 \\
                --tool-image registry.local/tools/kbld:0.5.0 > job.yml
              kbld job unpkg -i images.tar --claim files -r registry.local/app --shards 4 \\
                --tool-image registry.local/tools/kbld:0.5.0 --login-secret registries > job.yml
            """
    ).ofProgram

    /// What the pods run.
    enum Work: String, ExpressibleByArgument, CaseIterable {
        case relocate, unpkg, unpackage, mirror

        /// Whether it installs a package.
        var reads: Bool { self == .unpkg || self == .unpackage }

        /// The command of the pods.
        var command: [String] {
            switch self {
            case .relocate: ["relocate"]
            case .unpkg, .unpackage: ["unpkg"]
            case .mirror: ["mirror", "run"]
            }
        }
    }

    @Argument(help: "What the pods do: relocate, unpkg or mirror.")
    var work: Work

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags
    @OptionGroup var destinationFlags: DestinationFlags

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Package, a path in the claim.", valueName: "path")
    )
    var input: String?

    @Option(
        name: .customLong("claim-file"),
        help: ArgumentHelp("Documents, a path in the claim.", discussion: "Repeatable.", valueName: "path")
    )
    var claimFiles: [String] = []

    @Option(help: ArgumentHelp("Pods that copy a part each.", valueName: "count"))
    var shards = 4

    @Option(
        help: ArgumentHelp(
            "Pods that run at once.",
            discussion: "All of them, where it isn't given.",
            valueName: "count"
        )
    )
    var parallelism: Int?

    @Option(name: .customLong("job-retries"), help: ArgumentHelp("Retries of a failed pod.", valueName: "count"))
    var jobRetries = 3

    @Flag(help: "Write the job of the last run instead.")
    var last = false

    @Option(name: .customLong("tool-image"), help: ArgumentHelp("Image that has kbld.", valueName: "image"))
    var toolImage: String?

    @Option(name: .customLong("job-name"), help: ArgumentHelp("Name of the job.", valueName: "name"))
    var jobName = "kbld"

    @Option(name: .customLong("namespace"), help: ArgumentHelp("Namespace of all objects.", valueName: "name"))
    var jobNamespace: String?

    @Option(
        help: ArgumentHelp(
            "PersistentVolumeClaim with files.",
            discussion: "It has the package of --input and the documents of --claim-file.",
            valueName: "name"
        )
    )
    var claim: String?

    @Option(
        name: .customLong("login-secret"),
        help: ArgumentHelp(
            "Secret that has the logins.",
            discussion: "It is of type kubernetes.io/dockerconfigjson.",
            valueName: "name"
        )
    )
    var loginSecret: String?

    @Option(
        name: .customLong("login-config"),
        help: ArgumentHelp(
            "config.json to write as that secret.",
            discussion: "The logins are then in what is printed.",
            valueName: "file"
        ),
        completion: .file()
    )
    var loginConfig: String?

    @Option(
        name: .customLong("arg"),
        help: ArgumentHelp("Further flag for the pods.", discussion: "Repeatable.", valueName: "argument")
    )
    var further: [String] = []

    func validate() throws {
        guard let toolImage, !toolImage.isEmpty else { throw ValidationError("missing required option --tool-image") }
        do {
            _ = try ImageReference(toolImage)
        } catch {
            throw ValidationError("--tool-image: \(error)")
        }
        guard (1...10_000).contains(shards) else { throw ValidationError("--shards must be 1 to 10000") }
        guard (parallelism ?? 1) > 0 else { throw ValidationError("--parallelism must be at least 1") }
        guard (0...100).contains(jobRetries) else { throw ValidationError("--job-retries must be 0 to 100") }
        let names: [(flag: String, name: String?, kind: ObjectName)] = [
            ("--job-name", jobName, .job), ("--namespace", jobNamespace, .label), ("--claim", claim, .subdomain),
            ("--login-secret", loginSecret, .subdomain),
        ]
        for (flag, name, kind) in names {
            guard let name, !kind.allows(name) else { continue }
            throw ValidationError("\(flag) must be \(kind.requirement), not '\(name)'")
        }
        if work == .mirror {
            guard !destinationFlags.areGiven else {
                throw ValidationError(
                    "the mirror file says where images go: --repository and its layout can't be given"
                )
            }
            guard fileFlags.names.count + claimFiles.count == 1 else {
                throw ValidationError("'kbld job mirror' needs one mirror file: --file, or --claim-file")
            }
            if let name = fileFlags.names.first, name.hasPrefix("http://") || name.hasPrefix("https://") {
                throw ValidationError("'kbld job mirror' needs a file, not the address \(name); download it first")
            }
        } else {
            try destinationFlags.check()
        }
        if work.reads {
            guard input != nil else { throw ValidationError("missing required option --input (the package)") }
        } else {
            guard input == nil else { throw ValidationError("--input is for 'kbld job unpkg'") }
            guard !fileFlags.names.isEmpty || !claimFiles.isEmpty else {
                throw ValidationError("missing required option --file (at least one), or --claim-file")
            }
        }
        guard claim != nil || (input == nil && claimFiles.isEmpty) else {
            throw ValidationError("--input and --claim-file are in a volume: --claim must name it")
        }
        for (flag, path) in [("--input", input)] + claimFiles.map({ ("--claim-file", $0) }) {
            guard let path, path.isEmpty || path.split(separator: "/").contains("..") else { continue }
            throw ValidationError("\(flag) must be a path in the claim, not '\(path)'")
        }
        try checkFurther()
    }

    /// Makes sure that the pods' command takes what --arg adds.
    private func checkFurther() throws {
        guard !further.contains(where: { $0 == "--shard" || $0.hasPrefix("--shard=") }) else {
            throw ValidationError("--arg --shard: the job gives each pod its own")
        }
        // Those of the pods' own documents may have any name.
        let documents = fileFlags.names.isEmpty ? [] : ["documents.yml"]
        do {
            let arguments = try CommandLineArguments(arguments(documents) + part(of: "0"))
            guard !arguments.asksForHelp else { throw ValidationError("it asks for help") }
            _ = try arguments.checked()
        } catch {
            let command = work.command.joined(separator: " ")
            throw ValidationError("--arg: 'kbld \(command)' doesn't take it: \(Kbld.message(for: error))")
        }
    }

    func run() async throws {
        let documents =
            if work == .mirror, let file = fileFlags.names.first {
                try JobDocuments(mirror: file, hasVolume: claim != nil)
            } else {
                try JobDocuments(files: fileFlags.names)
            }
        for remark in documents.remarks { Log.warning(HintedText(remark)) }
        var job = CopyJob(
            name: jobName,
            image: toolImage ?? "",
            arguments: arguments(documents.names(in: CopyJob.documentFolder)) + part(of: "auto")
        )
        job.namespace = jobNamespace
        job.completions = last ? nil : shards
        job.parallelism = parallelism ?? shards
        job.retries = jobRetries
        job.documents = documents.embedded.map { CopyJob.File(name: $0.name, text: $0.text) }
        job.writesObjects = !last
        job.claim = claim
        job.loginSecret = loginSecret ?? loginConfig.map { _ in "\(jobName)-logins" }
        job.logins = try loginConfig.map { try JobDocuments.logins(of: $0) }
        let console = Console(consoleFlags.options)
        for object in job.objects { try console.block(YAMLWriter.text(ofDocuments: [object])) }
        try console.finish()
    }

    /// Which part of the images each pod has.
    private func part(of number: String) -> [String] {
        guard last else { return ["--shard", "\(number)/\(shards)"] }
        return further.contains { $0 == "--recheck" || $0 == "--no-recheck" } ? [] : ["--no-recheck"]
    }

    /// The other arguments of each pod.
    private func arguments(_ documents: [String]) -> [String] {
        var arguments = work.command
        for name in documents { arguments += ["-f", name] }
        for path in claimFiles { arguments += ["-f", Self.path(path)] }
        if let input { arguments += ["-i", Self.path(input)] }
        return arguments + destinationFlags.arguments + further
    }

    /// A path in the claim's volume, in the pod; one that is there already stays.
    private static func path(_ path: String) -> String {
        path == CopyJob.claimFolder || path.hasPrefix(CopyJob.claimFolder + "/")
            ? path : "\(CopyJob.claimFolder)/\(path.drop { $0 == "/" })"
    }
}
