public import ContainerImage
import DocumentInput
public import ImageStore
public import ImageTransfer
public import Packages

/// Whether a package is whole, has what documents name, and has arrived in a repository.
public struct VerifyWorkflow: Sendable {
    /// What is compared with what.
    public struct Options: Sendable {
        /// The package.
        public var package: String
        /// The files, folders and addresses of documents whose images must be in it; empty for none.
        public var files: [String] = []
        /// Which signatures the images must have.
        public var signatures = SignatureGate.Options()
        /// Who must have signed the package itself.
        public var trust = PackageTrust.Options()
        /// A repository that must hold all of it, or a place below which repositories do.
        public var destination: RepositoryRoot?
        /// The repositories below the destination.
        public var layout = RepositoryLayout.flat
        /// Whether the repository's blobs are fetched and hashed.
        public var isDeep = false
        /// Whether it is wrong that indexes lack images.
        public var isWhole = false
        /// How many layers are hashed at once.
        public var concurrency = 1

        /// Creates options to verify the package alone.
        public init(package: String) { self.package = package }
    }

    /// What a package was found to be.
    public struct Findings: Sendable {
        /// What is wrong with it, and what is to be noted.
        public internal(set) var verification: PackageVerification
        /// What a repository was found to have; nil if none was asked.
        public internal(set) var outcome: RepositoryVerification.Outcome?
        /// The indexes that lack images, a line for each.
        public var remarks: [HintedText] { PackageFormatLog.absent(from: verification.trees) }
        /// What would be installed: of an index whose images aren't all there, those that are.
        let trees: [ImageTree]
    }

    private let options: Options
    private let context: WorkflowContext
    private let manifests: InputDocuments?
    private let gate: SignatureGate?
    private let trust: PackageTrust?

    /// Reads the documents.
    ///
    /// - Throws: What is wrong with them.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        self.options = options
        gate = try SignatureGate(options.signatures)
        trust = try PackageTrust(options.trust)
        self.context = context
        manifests = options.files.isEmpty ? nil : try await context.documents(in: options.files)
    }

    /// Reads the whole package.
    ///
    /// - Throws: `ArchiveError` where it can't be read; what is wrong with it is among the findings.
    public func verifyPackage(progress: TransferProgress?) async throws -> Findings {
        let file = try await context.file(at: options.package)
        var verification = try await PackageVerification(of: file, atMost: options.concurrency, progress: progress)
        if options.isWhole {
            verification.findings += verification.trees.filter { !$0.isComplete }.map {
                PackageIssue(
                    .missing,
                    $0.reference.description,
                    "it is sparse: \(PackageFormatLog.absent($0)) not included"
                )
            }
        }
        if verification.trees.lacksAllImages {
            verification.findings += verification.trees.map {
                PackageIssue(.missing, $0.reference.description, "none of its images is there")
            }
        }
        var trees = verification.trees.filter { $0.isComplete || !$0.images.isEmpty }
        var named: [DigestReference] = []
        if let manifests {
            do {
                let references = try UnpackagedReferences(manifests, verification)
                (trees, named) = (references.trees, Array(references.named))
            } catch {
                verification.findings += error.issues
            }
        }
        if trust != nil || gate != nil {
            let package = try await Self.package(in: file)
            if let trust { verification.findings += try issues(trust, package) }
            if let gate {
                let images = SignatureGate.Images(trees, verification.metadata, named: named)
                verification.findings += try await issues(gate, images, of: package)
            }
        }
        return Findings(verification: verification, outcome: nil, trees: trees)
    }

    /// The package that is trusted and judged: that which was verified, or why it can't be read.
    private static func package(in file: PackageFile) async throws -> Result<AnyPackage, any Error> {
        do {
            return .success(try await AnyPackage(file))
        } catch {
            if error is CancellationError { throw error }
            return .failure(error)
        }
    }

    /// What keeps the package from being trusted.
    private func issues(_ trust: PackageTrust, _ package: Result<AnyPackage, any Error>) throws -> [PackageIssue] {
        do {
            let package = try package.get()
            _ = try trust.check(
                [(options.package, try package.seal())],
                package.metadata,
                isStream: PackagePath.isStream(options.package),
                log: context.log
            )
            return []
        } catch {
            if error is CancellationError { throw error }
            return [PackageIssue(.signature, options.package, HintedText(describing: error))]
        }
    }

    /// What of the images isn't signed as it must be.
    private func issues(
        _ gate: SignatureGate,
        _ images: SignatureGate.Images,
        of package: Result<AnyPackage, any Error>
    ) async throws -> [PackageIssue] {
        do {
            let package = try package.get()
            let limit = max(options.concurrency, 1)
            return try await gate.issues(of: images, from: { _ in package }, atMost: limit, log: context.log)
        } catch {
            if error is CancellationError { throw error }
            return [PackageIssue(.signature, options.package, "signatures can't be checked: \(error)")]
        }
    }

    /// Adds whether the repository, where one is given, has all that was found.
    ///
    /// - Throws: What keeps the registry from answering.
    public func compareRepository(with findings: Findings, progress: TransferProgress?) async throws -> Findings {
        guard let destination = options.destination else { return findings }
        let outcome = try await context.withRegistries { registry in
            var all = RepositoryVerification.Outcome()
            let places = try Dictionary(grouping: findings.trees) {
                try options.layout.repository(for: $0.reference.repository, below: destination)
            }
            let metadata = findings.verification.metadata
            // What a backup has is restored under the names that it had, and no other.
            let backup = metadata.backup.map { (metadata.names ?? []) + ($0.tags ?? []) } ?? []
            let tags = (metadata.tags ?? []) + backup
            for (place, trees) in places.sorted(by: { $0.key < $1.key }) {
                let roots = Set(trees.map(\.reference))
                all.add(
                    try await RepositoryVerification(
                        of: registry.destination(place),
                        atMost: max(options.concurrency, 16),
                        isDeep: options.isDeep,
                        progress: progress
                    )
                    .outcome(
                        for: trees,
                        named: (metadata.names ?? []).filter { roots.contains($0.image) },
                        tagged: tags.filter { roots.contains($0.image) }
                    )
                )
            }
            return all
        }
        var findings = findings
        findings.verification.findings += outcome.errors
        findings.outcome = outcome
        return findings
    }
}
