public import ContainerImage
public import ImageStore

/// Whether a repository holds all of some images: manifests under their digests and tags, every blob in its size.
public struct RepositoryVerification: Sendable {
    private let repository: any ImageRepository
    private let limit: Int
    private let isDeep: Bool
    private let progress: TransferProgress?

    /// Creates a verification, which asks nothing yet.
    ///
    /// - Parameters:
    ///   - repository: What is verified.
    ///   - limit: How many requests are under way at once.
    ///   - isDeep: Whether blobs are fetched and hashed, rather than asked for.
    ///   - progress: Counts what was asked, and bytes where they are fetched.
    public init(
        of repository: any ImageRepository,
        atMost limit: Int,
        isDeep: Bool = false,
        progress: TransferProgress? = nil
    ) {
        self.repository = repository
        self.limit = limit
        self.isDeep = isDeep
        self.progress = progress
    }

    private enum Question: Sendable {
        case manifest(RawManifest)
        case tag(Digest, Tag)
        /// By one of these tags an image is kept.
        case anyTag(Digest, [Tag])
        case blob(Descriptor)
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// Everything that the repository lacks or has otherwise.
        public var errors: [PackageIssue] = []
        /// How many images and indexes it was asked for, those in indexes not counted.
        public var imageCount = 0
        /// How many distinct blobs these have.
        public var blobCount = 0
        /// The bytes of these.
        public var blobBytes: Int64 = 0

        /// Creates the outcome of asking for nothing.
        public init() {}

        /// Adds what came of another repository.
        public mutating func add(_ other: Outcome) {
            errors += other.errors
            imageCount += other.imageCount
            blobCount += other.blobCount
            blobBytes = blobBytes.addingUpToLimit(other.blobBytes)
        }
    }

    /// Asks the repository for all of `trees`.
    ///
    /// - Parameters:
    ///   - names: Further tags that images among them have.
    ///   - tags: The tags that images had where they come from: with one of these, an image needs none that tells of its
    ///     arrival, and what refers to others doesn't either.
    /// - Throws: If the registry can't be asked: that is not an error of the images.
    public func outcome(
        for trees: [ImageTree],
        named names: [TaggedImage] = [],
        tagged tags: [TaggedImage] = []
    ) async throws -> Outcome {
        let questions = Self.questions(about: trees, names, tags)
        let blobs = questions.compactMap { if case .blob(let blob) = $0 { blob } else { nil } }
        let bytes = blobs.byteTotal(\.size)
        progress?.enter(.check, items: questions.count, bytes: isDeep ? bytes : 0)
        var outcome = Outcome()
        outcome.errors = try await questions.concurrentMap(atMost: limit) { try await issue($0) }.compactMap(\.self)
        outcome.imageCount = Set(trees.map(\.reference)).count
        outcome.blobCount = blobs.count
        outcome.blobBytes = bytes
        return outcome
    }

    private static func questions(
        about trees: [ImageTree],
        _ names: [TaggedImage],
        _ tagged: [TaggedImage]
    ) -> [Question] {
        var seen: Set<Digest> = []
        var manifests: [Question] = []
        var blobs: [Question] = []
        func visit(_ tree: ImageTree) {
            guard seen.insert(tree.manifest.digest).inserted else { return }
            manifests.append(.manifest(tree.manifest))
            switch tree {
            case .index(let branch): branch.children.forEach(visit)
            case .image(let leaf):
                for blob in [leaf.parsed.config] + leaf.packagedLayers where seen.insert(blob.digest).inserted {
                    blobs.append(.blob(blob))
                }
            }
        }
        trees.forEach(visit)
        let roots = Set(trees.map(\.manifest.digest))
        let own = Dictionary(grouping: tagged, by: \.image.digest).mapValues { $0.map(\.tag) }
        let referrers = Set(trees.filter { $0.manifest.referrerDescriptor != nil }.map(\.manifest.digest))
        let tags = roots.sorted().compactMap { digest -> Question? in
            if let tags = own[digest] { return .anyTag(digest, tags + [.kbldDigestTag(for: digest)]) }
            guard own.isEmpty || !referrers.contains(digest) else { return nil }
            return .tag(digest, .kbldDigestTag(for: digest))
        }
        let further = names.filter { roots.contains($0.image.digest) }.map { Question.tag($0.image.digest, $0.tag) }
        return manifests + tags + further + blobs
    }

    private func issue(_ question: Question) async throws -> PackageIssue? {
        switch question {
        case .manifest(let manifest): return try await issue(in: manifest)
        case .tag(let digest, let tag):
            let item = progress?.begin(repository.name)
            defer { item?.finish() }
            guard try await !repository.contains(manifest: digest, tag: tag) else { return nil }
            return missing("\(repository.name):\(tag)", "the repository has no such tag, or it names something else")
        case .anyTag(let digest, let tags):
            let item = progress?.begin(repository.name)
            defer { item?.finish() }
            for tag in tags where try await repository.contains(manifest: digest, tag: tag) { return nil }
            return missing("\(repository.name)@\(digest)", "the repository has no tag for it")
        case .blob(let blob):
            return try await isDeep ? deepIssue(in: blob) : issue(in: blob)
        }
    }

    private func issue(in manifest: RawManifest) async throws -> PackageIssue? {
        let item = progress?.begin(repository.name)
        defer { item?.finish() }
        let name = "\(repository.name)@\(manifest.digest)"
        do {
            _ = try await repository.manifest(manifest.digest)
            return nil
        } catch let error as any StoreError where error.meansAbsence {
            return missing(name, "the repository has no such manifest")
        } catch let error as BlobError {
            return PackageIssue(.altered, name, "\(error)")
        }
    }

    private func issue(in blob: Descriptor) async throws -> PackageIssue? {
        let item = progress?.begin(repository.name)
        defer { item?.finish() }
        switch try await repository.presence(of: blob.digest) {
        case .missing: return missing(blob)
        case .present(let size):
            guard let size, size != blob.size else { return nil }
            return PackageIssue(
                .size,
                "\(repository.name)@\(blob.digest)",
                "the blob has \(size) bytes, but the manifest says \(blob.size)"
            )
        }
    }

    private func deepIssue(in blob: Descriptor) async throws -> PackageIssue? {
        let item = progress?.begin(repository.name, bytes: blob.size)
        defer { item?.finish() }
        do {
            for try await _ in try await repository.content(of: blob, from: 0).verified(as: blob, counting: item) {}
            return nil
        } catch let error as any StoreError where error.meansAbsence {
            return missing(blob)
        } catch let error as BlobError {
            return PackageIssue(.altered, "\(repository.name)@\(blob.digest)", "\(error)")
        }
    }

    private func missing(_ blob: Descriptor) -> PackageIssue {
        missing("\(repository.name)@\(blob.digest)", "the repository has no such blob")
    }

    private func missing(_ subject: String, _ message: HintedText) -> PackageIssue {
        PackageIssue(.missing, subject, message)
    }
}
