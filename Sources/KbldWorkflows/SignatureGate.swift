package import ContainerImage
package import ImageStore
import ImageTransfer
import LocalFiles
import Packages
package import Signatures

/// Lets images through whose signatures are those that a policy asks for.
public struct SignatureGate: Sendable {
    /// What is asked for, and where that is told.
    public struct Options: Sendable {
        /// Files of public keys: any of them must have signed each image.
        public var keys: [String] = []
        /// Whom certificates of signers may have been issued to: any of these texts.
        public var identities: [String] = []
        /// See `identities`: regular expressions.
        public var identityExpressions: [String] = []
        /// Who may have vouched for them: any of these texts.
        public var issuers: [String] = []
        /// See `issuers`: regular expressions.
        public var issuerExpressions: [String] = []
        /// A file of who is believed about certificates, for identities.
        public var trustedRoot: String?
        /// Files of policies, which must all hold.
        public var policies: [String] = []
        /// The types of attestations that each image needs.
        public var attestations: [String] = []
        /// Where a report in JSON goes, if there is to be one.
        public var report: String?

        /// Creates options that ask for nothing.
        public init() {}

        /// Whether nothing is asked for.
        public var isEmpty: Bool {
            keys.isEmpty && identities.isEmpty && identityExpressions.isEmpty && policies.isEmpty
                && attestations.isEmpty && report == nil
        }
    }

    /// What is asked for.
    package let policy: SignaturePolicy
    private let report: String?

    /// Reads the keys and policies, and makes sure that the report can be written; nil where nothing is asked for.
    ///
    /// - Throws: `PublicKeyError`, `TrustedRootError`, `PatternError`, `PolicyError`, `SignatureFileError`; `TextFileError` naming the report.
    public init?(_ options: Options) throws {
        guard !options.isEmpty else { return nil }
        try TextFile.check(options.report)
        let keys = try Self.keys(options.keys)
        let files = try options.policies.map { path in
            let bytes = try Self.bytes(of: path, limit: SignaturePolicyFile.sizeLimit)
            return try SignaturePolicyFile(bytes, path: path) { key in
                try Self.bytes(of: Self.path(key, besides: path), limit: TrustedRoot.sizeLimit)
            }
        }
        report = options.report
        policy = SignaturePolicy(
            keys: keys,
            identities: try Self.identities(options),
            files: files,
            attestations: options.attestations
        )
    }

    private static func identities(_ options: Options) throws -> [CertificateIdentity] {
        typealias Pattern = CertificateIdentity.Pattern
        guard let path = options.trustedRoot else { return [] }
        let root = try TrustedRoot(try bytes(of: path, limit: TrustedRoot.sizeLimit), name: name(of: path))
        let subjects =
            options.identities.map(Pattern.exact)
            + (try options.identityExpressions.map { try Pattern(expression: $0) })
        let issuers =
            options.issuers.map(Pattern.exact)
            + (try options.issuerExpressions.map { try Pattern(expression: $0) })
        return subjects.flatMap { subject in
            issuers.map { CertificateIdentity(subject: subject, issuer: $0, root: root) }
        }
    }

    private static func bytes(of path: String, limit: Int) throws(SignatureFileError) -> [UInt8] {
        do {
            return try SmallFile.bytes(of: path, limit: limit)
        } catch {
            throw SignatureFileError(path: path, reason: error.reason)
        }
    }

    static func keys(_ paths: [String]) throws -> [PublicKey] {
        try paths.map { path in
            try PublicKey(pem: try bytes(of: path, limit: PublicKey.sizeLimit), name: name(of: path))
        }
    }

    static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The path of a key as a policy names it: beside the policy, unless it is absolute.
    private static func path(_ key: String, besides policy: String) -> String {
        guard !key.hasPrefix("/"), let slash = policy.lastIndex(of: "/") else { return key }
        return policy[...slash] + key
    }
}

extension SignatureGate {
    /// `selection` with the signatures that the gate needs.
    func selecting(_ selection: ArtifactSelection) -> ArtifactSelection {
        var selection = selection
        selection.takesSignatures = true
        selection.referrerTypes = SignatureEvidence.bundleTypes
        return selection
    }

    /// What is done with the images that the gate lets through, for what is said of those that it doesn't.
    package enum Action: Sendable {
        case write, send, serve, verify

        var words: HintedText {
            switch self {
            case .write: "nothing was written"
            case .send: "nothing was sent"
            case .serve: "nothing is served"
            case .verify: "the package is not as the policy asks"
            }
        }
    }

    /// What is known of the images that come to the gate.
    package struct Images: Sendable {
        /// All that was read, artifacts too.
        package var trees: [ImageTree]
        /// The tags of artifacts.
        package var names: [TaggedImage]
        /// Indexes of which only some entries were taken.
        package var platformFilters: [PlatformFilter]
        /// What documents name; nil where all that isn't attached to others is meant.
        package var named: [DigestReference]
        /// Whether the artifacts were asked for in a registry, and not in a package, which may have been made without.
        package var isFromRegistry = false

        /// Creates what is known of a package.
        init(_ trees: [ImageTree], _ metadata: PackageMetadata, named: [DigestReference]) {
            let filters = metadata.platformFilters ?? []
            let filtered = Dictionary(filters.map { ($0.index, $0.filtered) }) { first, _ in first }
            self.init(
                trees,
                names: metadata.names ?? [],
                platformFilters: filters,
                named: named.map { filtered[$0] ?? $0 }
            )
        }

        /// Creates what is known.
        package init(
            _ trees: [ImageTree],
            names: [TaggedImage],
            platformFilters: [PlatformFilter],
            named: some Sequence<DigestReference>
        ) {
            self.trees = trees
            self.names = names
            self.platformFilters = platformFilters
            self.named = Array(named)
        }
    }

    /// Whether each image is signed as the policy asks, in the order of their references.
    ///
    /// - Parameters:
    ///   - source: Has the blobs of signatures.
    ///   - limit: How many of these are read at once.
    /// - Throws: What keeps signatures from being read.
    package func verdicts(
        on images: Images,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int
    ) async throws -> [SignatureVerdict] {
        let evidence = SignatureEvidence(images.trees, names: images.names)
        let required = evidence.required(naming: images.named)
        let subjects = try await evidence.subjects(of: required, from: source, atMost: limit)
        return try await required.concurrentMap(atMost: limit) { [policy] image in
            await policy.verdict(on: image, signed: evidence.chain(from: image.digest).compactMap { subjects[$0] })
        }
    }

    /// Lets the images through, with a line for each, or throws.
    ///
    /// - Throws: `UnsignedImagesError` with all that aren't signed as the policy asks; `TextFileError` naming the report.
    package func pass(
        _ images: Images,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        before action: Action,
        log: LogSink
    ) async throws {
        let verdicts = try await verdicts(on: images, from: source, atMost: limit)
        try settle(verdicts, images, before: action, log: log)
    }

    /// Lets images through that were read from registries.
    func pass(
        _ gathered: ImagesWithArtifacts,
        of references: PackagedReferences,
        in registry: any ImageRegistry,
        atMost limit: Int,
        before action: Action,
        log: LogSink
    ) async throws {
        let filtered = Dictionary(gathered.platformFilters.map { ($0.index, $0.filtered) }) { first, _ in first }
        var images = Images(
            gathered.trees,
            names: gathered.names,
            platformFilters: gathered.platformFilters,
            named: references.all.map { filtered[$0] ?? $0 }
        )
        images.isFromRegistry = true
        try await pass(images, from: { registry.repository($0) }, atMost: limit, before: action, log: log)
    }

    /// What isn't as the policy asks, as issues of a package, with lines for what is.
    func issues(
        of images: Images,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        log: LogSink
    ) async throws -> [PackageIssue] {
        let verdicts = try await verdicts(on: images, from: source, atMost: limit)
        do {
            try settle(verdicts, images, before: .verify, log: log)
            return []
        } catch let error as UnsignedImagesError {
            return error.refused.map { PackageIssue(.signature, $0.image.description, $0.reason) }
        }
    }

    /// Tells of verdicts, and throws where one is bad.
    package func settle(
        _ verdicts: [SignatureVerdict],
        _ images: Images,
        before action: Action,
        log: LogSink
    ) throws {
        try self.report(verdicts)
        for verdict in verdicts {
            for remark in verdict.remarks { log("passing over a signature of \(verdict.image): \(remark)") }
            guard verdict.isAccepted else { continue }
            for proof in verdict.proofs { log(Self.line(on: proof, verdict.image)) }
            if verdict.proofs.isEmpty { log("not checked: \(verdict.image): the policy asks for no signature") }
        }
        let refused = verdicts.filter { !$0.isAccepted }
        guard refused.isEmpty else {
            throw UnsignedImagesError(
                refused: refused.map { ($0.image, Self.explanation(of: $0, images)) },
                count: verdicts.count,
                action: action
            )
        }
    }

    /// Writes what was found where a report was asked for.
    func report(_ verdicts: [SignatureVerdict]) throws {
        if let report { try TextFile.write(SignatureReport(verdicts).text, to: report) }
    }

    private static func line(on proof: SignatureVerdict.Proof, _ image: DigestReference) -> HintedText {
        let signer = proof.key + (proof.issuer.map { " (\($0))" } ?? "")
        let place = "\(proof.form.rawValue)\(proof.subject == image.digest ? "" : " of index \(proof.subject)")"
        guard let type = proof.predicateType else { return "signed: \(image) by \(signer) (\(place))" }
        return "attested: \(image) by \(signer) (\(place), \(type))"
    }

    static func explanation(of verdict: SignatureVerdict, _ images: Images) -> HintedText {
        var text = HintedText(verdict.problems.joined(separator: "; "))
        if let filter = images.platformFilters.first(where: { $0.filtered == verdict.image }) {
            text += "; it is what some platforms leave of \(filter.index), and has a digest that nobody signed"
            text += "\(hint: .keepIndexWhole, after: "; ")"
        } else if !verdict.foundAny, !images.isFromRegistry {
            text += "; no signatures came along\(hint: .includeSignatures, after: "; ")"
        }
        return text
    }
}

/// A file of keys or policies that can't be read.
struct SignatureFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Reading '\(path)': \(reason)" }
}
