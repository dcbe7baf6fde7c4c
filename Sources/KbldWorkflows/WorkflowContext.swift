public import ContainerImage
public import DocumentInput
import HTTPTransport
public import ImageStore
public import KbldConfiguration
public import Logging
import MirrorRouting
import Packages
public import RegistryClient
import Resolution

/// The surroundings of a workflow: access to documents and registries, and the log.
public struct WorkflowContext: Sendable {
    /// The version that documents may ask for, and that locks are written with.
    public var version: SemanticVersion
    /// The environment's variables: proxies, authorities, credentials, the folders of programs.
    public var variables: [String: String]
    /// What the variables begin with that hold credentials themselves.
    public var credentialPrefix = "REGISTRY"
    /// How registries are reached, but for what the variables say.
    public var registryOptions = RegistryOptions()
    /// From which mirrors images are read.
    public var mirrors = MirrorSources()
    /// How documents are read.
    public var documentOptions = DocumentOptions()
    /// Where packages that are compressed are decompressed; nil for the system's folder of temporary files.
    public var temporaryFolder: String?
    /// The client's name for servers of documents.
    public var documentAgent = "kbld"
    /// Takes a line for each request to a registry or a server of documents, at the level `debug`.
    public var requestLogger = RegistryClient.silentLogger
    /// Takes the lines that tell of the work.
    public var log: LogSink
    /// Takes what is probably not meant.
    public var warning: LogSink = { _ in }

    /// Creates a context.
    public init(version: SemanticVersion, variables: [String: String] = [:], log: @escaping LogSink = { _ in }) {
        self.version = version
        self.variables = variables
        self.log = log
    }

    /// The value of a variable; one that is empty counts as unset.
    package func value(of variable: String) -> String? {
        variables[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The documents of files, folders and addresses, in their order. Where there are none is a warning.
    ///
    /// - Parameter areOptional: Whether there may be none without a word.
    /// - Throws: `ProxyError`; `InputError`, `YAMLError` or `ConfigurationError` naming the file; `ImageListError` and
    ///   `ChartError` for other inputs.
    public func documents(
        in names: [String],
        areOptional: Bool = false,
        with additions: Configuration? = nil
    ) async throws -> InputDocuments {
        try await documents(in: names, areOptional: areOptional, with: additions, read: [:])
    }

    /// As ``documents(in:areOptional:with:)``, where some inputs were read before.
    private func documents(
        in names: [String],
        areOptional: Bool = false,
        with additions: Configuration? = nil,
        read texts: [String: InputDocuments.Text]
    ) async throws -> InputDocuments {
        if names.isEmpty, !areOptional { warning("there are no documents\(hint: .nameDocuments, after: "; ")") }
        let special = SpecialInputs(self)
        var documents = try await InputDocuments.read(
            names,
            version: version,
            proxies: ProxySettings(variables: variables),
            authorities: TrustedAuthorities(variables: variables),
            userAgent: documentAgent,
            idleTimeoutSeconds: registryOptions.idleTimeoutSeconds,
            report: { [requestLogger] in Self.log($0, requestLogger) },
            special: { name in
                if let text = texts[name] { return [text] }
                return try await special.text(of: name)
            }
        )
        documents.configuration.finders.formUnion(documentOptions.finders)
        if documentOptions.keepsNonReferences { documents.configuration.keepsNonReferences = true }
        if documents.configuration.keepsNonReferences {
            if let additions { documents.configuration.overrides += additions.overrides }
            tellKeptValues(of: documents)
        }
        for remark in documents.remarks { warning(HintedText(remark)) }
        return documents
    }

    /// Opens the package at `path`.
    ///
    /// - Throws: `ArchiveError` and others naming the package.
    func package(at path: String) async throws -> AnyPackage {
        try await AnyPackage(path: path, temporaryFolder: temporaryFolder)
    }

    /// Opens the file or folder of the package at `path`.
    ///
    /// - Throws: `ArchiveError` and others naming the package.
    func file(at path: String) async throws -> PackageFile {
        try await PackageFile(path: path, temporaryFolder: temporaryFolder)
    }

    /// What comes through a stream.
    enum StreamedSubject {
        case package(PackageFile)
        case documents(InputDocuments)
    }

    /// Reads a package or documents from standard input or a pipe: the content tells what they are, unless it was said.
    ///
    /// - Throws: What is wrong with either.
    func subject(through path: String) async throws -> StreamedSubject {
        guard documentOptions.kind == .auto else { return .documents(try await documents(in: [path])) }
        let file = try await file(at: path)
        guard !file.looksLikePackage else { return .package(file) }
        let name = path == PackagePath.standardStream ? "stdin" : InputName.shown(path)
        let text = InputDocuments.Text(bytes: try file.bytes(), name: name)
        return .documents(try await documents(in: [path], read: [path: text]))
    }

    /// Opens the package at `path`, which may be read in order, and its other volumes.
    ///
    /// - Throws: `ArchiveError` and others naming the package.
    func input(at path: String, _ otherVolumes: [String] = []) async throws -> PackageInput {
        guard otherVolumes.isEmpty else {
            return .package(try await AnyPackage(paths: [path] + otherVolumes, temporaryFolder: temporaryFolder))
        }
        return try await PackageInput(path: path, temporaryFolder: temporaryFolder)
    }

    /// Tells how many values stay because they aren't references.
    private func tellKeptValues(of documents: InputDocuments) {
        let kept = ReferenceUpdate(documents.configuration).keptValues(in: documents.resources)
        guard !kept.isEmpty else { return }
        let distinct = Set(kept).sorted()
        let shown = distinct.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        let rest = distinct.count > 3 ? " and \(distinct.count - 3) more" : ""
        let subject =
            kept.count == 1
            ? "1 value is not an image reference and stays" : "\(kept.count) values are not image references and stay"
        warning("\(HintedText(subject)) unchanged: \(HintedText(shown + rest))")
    }

    private static func log(_ record: FetchRecord, _ logger: Logger) {
        let milliseconds = Int64(max(0, min(record.duration / .milliseconds(1), 1e15)))
        let bytes = record.receivedBytes.map { "\(ByteCount($0)) received" } ?? "a body of unknown length"
        let outcome = record.status.map { "\($0), \(bytes)" } ?? "no answer"
        var fields: Logger.Metadata = [
            "method": "GET", "url": "\(record.address)", "milliseconds": "\(milliseconds)", "sent_bytes": "0",
        ]
        if let status = record.status { fields["status"] = "\(status)" }
        if let count = record.receivedBytes { fields["received_bytes"] = "\(count)" }
        logger.debug("GET \(record.address): \(outcome), \(milliseconds) ms", metadata: fields)
    }

    /// Runs `body` with a client of registries, whose connections are closed in the end.
    ///
    /// - Throws: `ProxyError`, `RegistryClientError`, and what `body` throws.
    public func withRegistries<Value: Sendable>(
        _ body: (any ImageRegistry) async throws -> Value
    ) async throws -> Value {
        let rules = try mirrors.rules()
        let credentials = CredentialStore(variables: variables, prefix: credentialPrefix)
        guard !rules.isEmpty else {
            return try await withRegistryClient(credentials: credentials) { try await body($0) }
        }
        var context = self
        context.registryOptions.apply(rules)
        return try await withRegistryClient(credentials: credentials) { client in
            try await context.withRegistryClient(credentials: credentials) { [log] reading in
                try await body(MirroredRegistry(client, readingBy: reading, rules: rules, log: log))
            }
        }
    }

    /// Runs `body` with a client that has these logins.
    func withRegistryClient<Value: Sendable>(
        credentials: some CredentialProvider,
        _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
        var options = registryOptions
        options.authorities = TrustedAuthorities(variables: variables)
        options.proxies = try ProxySettings(variables: variables)
        return try await RegistryClient.withClient(options: options, credentials: credentials, logger: requestLogger) {
            try await body($0)
        }
    }
}
