import ContainerImage
public import ImageStore
import ImageTransfer
import LibC
import Packages
import Subprocess
import SystemPackage

/// The images of a package go into a runtime, by the runtime's own program; no registry is needed.
public struct LoadWorkflow: Sendable {
    /// What takes images.
    public enum Runtime: Sendable, Equatable {
        /// containerd, by `ctr`.
        case containerd
        /// Docker.
        case docker
        /// podman.
        case podman
        /// The folder that k3s imports images from when it starts.
        case k3s
        /// A cluster of kind, by its name if it has one.
        case kind(String?)
        /// Any folder.
        case folder(String)

        /// Parses `containerd`, `docker`, `podman`, `k3s`, `kind`, `kind:NAME`, or a folder's path, which has a slash.
        public init?(_ text: String) {
            switch text {
            case "containerd": self = .containerd
            case "docker": self = .docker
            case "podman": self = .podman
            case "k3s": self = .k3s
            case "kind": self = .kind(nil)
            default:
                if text.hasPrefix("kind:"), text.utf8.count > 5 {
                    self = .kind(String(text.dropFirst(5)))
                } else if text.contains("/") {
                    self = .folder(text)
                } else {
                    return nil
                }
            }
        }
    }

    /// What is loaded, and how the runtime is reached.
    public struct Options: Sendable {
        /// The package.
        public var input: String
        /// The runtime.
        public var runtime: Runtime
        /// Where containerd listens; nil for its own place.
        public var address: String?
        /// The namespace of containerd.
        public var namespace = "k8s.io"
        /// The platform whose images are taken; nil for that of the machine.
        public var platform: String?
        /// Whether a tarball of the same name in a folder is replaced, whatever it has.
        public var replaces = false
        /// Documents that tell the tags of images.
        public var files: [String] = []

        /// Creates options to load `input` into `runtime`.
        public init(_ input: String, into runtime: Runtime) {
            self.input = input
            self.runtime = runtime
        }
    }

    /// How many images are loaded.
    public var count: Int { package.trees.count }
    let options: Options
    let context: WorkflowContext
    let package: AnyPackage
    let metadata: PackageMetadata
    /// What runs kind's nodes, where those are loaded.
    let kindProvider: String

    /// Opens the package and makes sure that the runtime's program is there.
    ///
    /// - Throws: What is wrong with the package; `LoadError` for a program that is missing, or a delta.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        self.options = options
        self.context = context
        if let program = Self.program(of: options.runtime), !Self.has(program, context.variables["PATH"] ?? "") {
            throw LoadError.noProgram([program])
        }
        kindProvider = if case .kind = options.runtime { try Self.kindProvider(context.variables) } else { "" }
        package = try await context.package(at: options.input)
        PackageFormatLog.lines(package).forEach(context.log)
        guard package.metadata.omittedDigests.isEmpty else { throw CopyError.delta(options.input) }
        metadata = try await RuntimeTags.metadata(
            of: package.trees,
            package.metadata,
            names: package.names,
            documents: options.files,
            context
        )
    }

    private static func program(of runtime: Runtime) -> String? {
        switch runtime {
        case .containerd: "ctr"
        case .docker: "docker"
        case .podman: "podman"
        case .kind: "kind"
        case .k3s, .folder: nil
        }
    }

    static func has(_ program: String, _ path: String) -> Bool {
        path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// Loads the images, then asks the runtime what it has.
    ///
    /// - Throws: `LoadError` with the program's own words, or naming each image that the runtime lacks; `ArchiveError`.
    public func run(progress: TransferProgress?) async throws {
        var naming = LayoutNaming()
        naming.isDockerCompatible = options.runtime == .docker
        switch options.runtime {
        case .containerd:
            let arguments = ctr + ["images", "import"] + platformArguments + ["-"]
            try await stream(into: "ctr", arguments, naming, progress: progress)
            try await checkContainerd()
        case .docker:
            try await stream(into: "docker", ["load"], naming, progress: progress)
            try await check(with: "docker")
        case .podman:
            // podman takes one name of a layout at a time.
            for entry in expected {
                (naming.byDigest, naming.byTag) = (entry.tag == nil, entry.tag != nil)
                try await stream(into: "podman", ["load"], naming, only: entry, progress: progress)
            }
            try await check(with: "podman")
        case .kind(let name): try await load(intoKind: name, naming, progress: progress)
        case .k3s, .folder:
            guard let target else { return }
            try await checkTarget()
            try await write(to: target, naming, progress: progress)
            if options.runtime == .k3s { try await checkK3s(target) }
        }
    }

    /// kind imports images of all platforms, which sparse indexes don't have: containerd in the nodes gets those.
    private func load(intoKind cluster: String?, _ naming: LayoutNaming, progress: TransferProgress?) async throws {
        if package.trees.allSatisfy(\.isComplete) {
            let file = try temporaryFile()
            defer { unlink(file) }
            try await write(to: file, naming, progress: progress)
            _ = try await call("kind", ["load", "image-archive", file] + Self.kindName(cluster))
        } else {
            for node in try await nodes(of: cluster) {
                let ctr = ["exec", "-i", node, "ctr", "--namespace", "k8s.io", "images", "import"]
                try await stream(into: kindProvider, ctr + platformArguments + ["-"], naming, progress: progress)
            }
        }
        try await checkKind(cluster)
    }

    var ctr: [String] {
        (options.address.map { ["--address", $0] } ?? []) + ["--namespace", options.namespace]
    }

    private func write(
        to path: String,
        _ naming: LayoutNaming,
        only entry: LoadedImage? = nil,
        progress: TransferProgress?
    ) async throws {
        let writer = ArchiveWriter(path: path, resumes: false)
        try writer.check()
        var metadata = metadata
        let trees = entry.map { [$0.tree] } ?? package.trees
        if let entry { metadata.tags = entry.tag.map { [$0] } }
        try await PackageLayout(trees, metadata, as: .oci, at: path, naming: naming)
            .write(to: writer, from: { [package] _ in package }, atMost: 1, progress: progress)
        if !PackagePath.isStream(path), case .folder = options.runtime { context.log("wrote \(path)") }
    }

    /// Runs a program that reads the layout from its standard input.
    private func stream(
        into program: String,
        _ arguments: [String],
        _ naming: LayoutNaming,
        only entry: LoadedImage? = nil,
        progress: TransferProgress?
    ) async throws {
        let pipe = try FileDescriptor.pipe()
        _ = fcntl(pipe.writeEnd.rawValue, F_SETFD, FD_CLOEXEC)
        async let running = Subprocess.run(
            .name(program),
            arguments: Arguments(arguments),
            input: .fileDescriptor(pipe.readEnd, closeAfterSpawningProcess: true),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        var failure: (any Error)?
        do {
            try await write(to: "/dev/fd/\(pipe.writeEnd.rawValue)", naming, only: entry, progress: progress)
        } catch {
            failure = error
        }
        try pipe.writeEnd.close()
        let result = try await running
        let output = ProgramResult(program, result.terminationStatus, result.standardOutput, result.standardError)
        try Task.checkCancellation()
        guard output.isSuccess else { throw LoadError.failed(program, output.words) }
        if let failure { throw failure }
    }

    func call(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await result(of: program, arguments)
        guard result.isSuccess else { throw LoadError.failed(program, result.words) }
        return result.output
    }

    /// What a program leaves, whether or not it succeeds.
    ///
    /// - Throws: `SubprocessError` where it can't be started; `CancellationError`.
    func result(of program: String, _ arguments: [String]) async throws -> ProgramResult {
        let result = try await Subprocess.run(
            .name(program),
            arguments: Arguments(arguments),
            output: .string(limit: 16 << 20),
            error: .string(limit: 1 << 20)
        )
        let output = ProgramResult(program, result.terminationStatus, result.standardOutput, result.standardError)
        try Task.checkCancellation()
        return output
    }

    /// The names of the images, and what each is.
    var expected: [LoadedImage] { Self.expected(package.trees, metadata) }

    static func expected(_ trees: [ImageTree], _ metadata: PackageMetadata) -> [LoadedImage] {
        let tags = Dictionary(grouping: metadata.tags ?? [], by: \.image)
        return trees.flatMap { tree in
            [LoadedImage(tree: tree, tag: nil)]
                + (tags[tree.reference] ?? []).map { LoadedImage(tree: tree, tag: $0) }
        }
    }
}
