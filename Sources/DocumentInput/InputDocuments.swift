public import HTTPTransport
public import KbldConfiguration
public import KubernetesYAML

/// The documents of all inputs: what is configuration, and what is printed.
public struct InputDocuments: Sendable {
    /// The documents that aren't configuration, in their order.
    public var resources: [YAMLDocument]
    /// What the configuration documents say, all together.
    public var configuration: Configuration
    /// What is probably not meant: inputs without documents, unknown fields of configurations. A line for each.
    public var remarks: [String] = []

    /// Creates documents from resources and a configuration.
    public init(resources: [YAMLDocument], configuration: Configuration) {
        self.resources = resources
        self.configuration = configuration
    }

    /// Documents that were made of an input.
    public struct Text: Sendable {
        /// The documents as YAML.
        let bytes: [UInt8]
        /// The input's name.
        public var name: String

        /// Creates documents of an input.
        public init(text: String, name: String) { self.init(bytes: Array(text.utf8), name: name) }

        /// Creates documents of the bytes of an input.
        public init(bytes: [UInt8], name: String) {
            self.bytes = bytes
            self.name = name
        }
    }

    /// Reads `names`: files, folders, `-` for standard input, and http(s) addresses.
    ///
    /// - Parameters:
    ///   - proxies: The proxies that addresses are asked through.
    ///   - authorities: Whose certificates are trusted.
    ///   - userAgent: The client's name for servers.
    ///   - idleTimeoutSeconds: How long a server may stay silent, in seconds.
    ///   - report: Takes each request to a server with its answer.
    ///   - special: The documents that an input is made into; nil for one that is read as it is.
    /// - Throws: `InputError`, `YAMLError` or `ConfigurationError` naming the file.
    public static func read(
        _ names: [String],
        version: SemanticVersion,
        proxies: ProxySettings,
        authorities: TrustedAuthorities = TrustedAuthorities(),
        userAgent: String,
        idleTimeoutSeconds: Int64 = 30,
        report: (@Sendable (FetchRecord) -> Void)? = nil,
        special: (String) async throws -> [Text]? = { _ in nil }
    ) async throws -> InputDocuments {
        let web = WebSettings(
            proxies: proxies,
            authorities: authorities,
            userAgent: userAgent,
            idleTimeoutSeconds: idleTimeoutSeconds,
            report: report
        )
        var documents: [YAMLDocument] = []
        var remarks: [String] = []
        for name in names {
            let inputs: [DocumentLoader.Input]
            if let texts = try await special(name) {
                inputs = texts.map { DocumentLoader.Input(name: $0.name, bytes: $0.bytes) }
            } else {
                inputs = try await DocumentLoader.read(name, by: web)
            }
            let count = documents.count
            for input in inputs {
                do {
                    documents += try await YAMLReader.documents(in: input.bytes, file: input.name, atMost: 16)
                } catch {
                    guard Self.isTemplate(input.bytes) else { throw error }
                    throw TemplateError(cause: error)
                }
            }
            if documents.count == count { remarks.append(Self.remark(on: name, inputs)) }
        }
        let (configuration, resources) = try Configuration.extract(from: documents, version: version)
        var read = InputDocuments(resources: resources, configuration: configuration)
        read.remarks = remarks + ConfigurationReview.remarks(on: documents)
        return read
    }

    /// Whether there are the actions of Go's templates, as Helm's charts have them.
    private static func isTemplate(_ bytes: [UInt8]) -> Bool {
        bytes.firstRange(of: "{{".utf8) != nil && bytes.firstRange(of: "}}".utf8) != nil
    }

    /// What an input has that has no document.
    private static func remark(on name: String, _ inputs: [DocumentLoader.Input]) -> String {
        let subject = name == "-" ? "standard input" : "'\(inputs.count == 1 ? inputs[0].name : InputName.shown(name))'"
        if inputs.isEmpty {
            return "\(subject) has no documents: no file in it ends in .yml, .yaml or .json"
        }
        return inputs.allSatisfy(\.bytes.isEmpty) ? "\(subject) is empty" : "\(subject) has no documents"
    }
}
