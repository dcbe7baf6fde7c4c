public import ContainerImage
public import DocumentInput
import ImageStore
import LocalFiles
import Packages
public import RegistryServer

/// Packages, a folder or memory as a registry, until the task is cancelled.
public struct ServeWorkflow: Sendable {
    /// Where a registry listens, and for whom.
    public struct Options: Sendable {
        /// The host or address.
        public var host: String
        /// The port; 0 for any that is free.
        public var port: UInt16
        /// What it shows; nil for plain HTTP.
        public var certificate: Certificate?
        /// A file of those who may use it; nil for everyone.
        public var passwords: String?
        /// Takes each request that was answered; nil for no access log.
        public var accessLog: (@Sendable (AccessRecord) -> Void)?
        /// Takes what was served, when something that listened was cancelled.
        public var atEnd: (@Sendable (ServedRequests) -> Void)?
        /// Where host and port are written once connections are taken, if anywhere.
        public var readyFile: String?

        /// Creates options for a registry without a login, over plain HTTP.
        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// The PEM files of a certificate.
    public struct Certificate: Sendable {
        /// The certificate with its chain.
        public var path: String
        /// Its key.
        public var keyPath: String

        /// Creates the paths of a certificate and its key.
        public init(path: String, keyPath: String) {
            self.path = path
            self.keyPath = keyPath
        }
    }

    private let options: Options
    private let log: LogSink
    private let warning: LogSink
    private let logError: LogSink

    /// Creates a registry that isn't listening yet.
    ///
    /// - Parameters:
    ///   - warning: Takes what is probably not meant.
    ///   - logError: Takes what goes wrong while it serves.
    public init(
        _ options: Options,
        log: @escaping LogSink,
        warning: @escaping LogSink,
        logError: @escaping LogSink
    ) {
        self.options = options
        self.log = log
        self.warning = warning
        self.logError = logError
    }

    /// Serves packages as they lie in their files.
    ///
    /// - Parameters:
    ///   - verifies: Whether all layers are read first, and a damaged package is refused.
    ///   - signatures: Which signatures the images must have.
    ///   - temporaryFolder: Where a compressed package is decompressed; nil for the folder of temporary files.
    ///   - documents: Tell the tags that images had, by annotations, locks and references.
    /// - Throws: `ArchiveError` naming the package; `ListenError`.
    public func serve(
        packages paths: [String],
        verifying verifies: Bool,
        requiring signatures: SignatureGate.Options = SignatureGate.Options(),
        temporaryFolder: String? = nil,
        taggedBy documents: InputDocuments? = nil
    ) async throws {
        let gate = try SignatureGate(signatures)
        var packages: [AnyPackage] = []
        for path in paths {
            let package = try await AnyPackage(path: path, temporaryFolder: temporaryFolder)
            PackageFormatLog.lines(package).forEach(log)
            if verifies { try await check(package) }
            log("\(Count.text(package.trees.count, "image")) of '\(path)'\(verifies ? ", verified" : "")")
            packages.append(package)
        }
        Self.lacking(packages).forEach(log)
        if let gate { try await pass(packages, gate) }
        var tags: [TaggedImage] = []
        if let documents {
            let digests = Set(packages.flatMap(\.trees).map(\.manifest.digest))
            let filters = packages.flatMap { $0.metadata.platformFilters ?? [] }
            tags = OriginTags(ofReferences: documents, filters).images(where: { digests.contains($0.digest) }, log: log)
        }
        // What is signed leads to each layer by digest, which says something only of bytes that have it.
        let content = await PackageContent(packages, tags: tags, verifying: gate != nil)
        log(Self.words(onTagsOf: content))
        try await serve(content)
    }

    private func pass(_ packages: [AnyPackage], _ gate: SignatureGate) async throws {
        let images = SignatureGate.Images(
            packages.flatMap(\.trees),
            names: packages.flatMap { $0.metadata.names ?? [] },
            platformFilters: packages.flatMap { $0.metadata.platformFilters ?? [] },
            named: []
        )
        let source = JoinedPackages(packages)
        try await gate.pass(images, from: { _ in source }, atMost: 8, before: .serve, log: log)
    }

    private static func words(onTagsOf content: PackageContent) -> HintedText {
        let count = content.tagCount
        guard count > 0 else {
            return "no image has a tag: pull by digest\(hint: .tags, after: ", or ")"
        }
        return "\(count) tag\(count == 1 ? "" : "s")"
    }

    /// Serves a registry that takes pushes.
    ///
    /// - Parameters:
    ///   - folder: Keeps what is pushed; nil for memory.
    ///   - platforms: The platforms whose images an index must have where it arrives; nil for all that it names.
    /// - Throws: What is wrong with the folder; `ListenError`.
    public func serve(folder: String?, requiringOnly platforms: [Platform]? = nil) async throws {
        let sparseIndexes = platforms.map { $0.isEmpty ? SparseIndexes.accepted : .acceptedWith($0) } ?? .refused
        let storage: any RegistryStorage = try folder.map { try FolderStorage(folder: $0) } ?? MemoryStorage()
        try await serve(storage, sparseIndexes: sparseIndexes)
    }

    private func serve(
        _ content: any RegistryContent,
        sparseIndexes: SparseIndexes = .refused
    ) async throws {
        let (host, readyFile) = (options.host, options.readyFile)
        let counter = RequestCounter()
        let accessLog = options.accessLog
        let server = RegistryServer(
            host: host,
            port: Int(options.port),
            content: content,
            sparseIndexes: sparseIndexes,
            certificate: try options.certificate.map {
                try ServerCertificate(certificatePath: $0.path, keyPath: $0.keyPath)
            },
            passwords: try options.passwords.map { try PasswordFile(path: $0) },
            access: { record in
                counter.count(record)
                accessLog?(record)
            },
            report: logError
        )
        let isSecure = options.certificate != nil
        if options.passwords != nil, !isSecure, (try? RegistryHost("\(host):\(options.port)"))?.isLoopback != true {
            warning("passwords pass over the network in plain text\(hint: .serverCertificate, after: "; use ")")
        }
        let scheme = isSecure ? "https" : "http"
        defer { if Task.isCancelled, let served = counter.value { options.atEnd?(served) } }
        try await server.run { port in
            counter.begin()
            if let readyFile { try TextFile.write("\(host):\(port)\n", to: readyFile) }
            log("listening on \(scheme)://\(host):\(port)")
        }
    }

    /// A line for each delta whose layers no other package has.
    private static func lacking(_ packages: [AnyPackage]) -> [HintedText] {
        let held = Set(packages.flatMap(\.heldLayers).map(\.digest))
        return packages.compactMap { package in
            let count = package.metadata.omittedDigests.subtracting(held).count
            guard count > 0 else { return nil }
            return "'\(package.path)' is a delta: \(count) of its layers are not in any served package"
        }
    }

    private func check(_ package: AnyPackage) async throws {
        try await package.heldLayers.concurrentForEach(atMost: 4) { try await package.verify($0) }
    }
}
