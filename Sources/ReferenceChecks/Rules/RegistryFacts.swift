import ContainerImage
import ImageStore

/// What registries said to all questions that rules have. Each is asked once, however often a reference is written.
struct RegistryFacts: Sendable {
    /// A tag in a repository.
    struct TagName: Sendable, Hashable {
        var repository: Repository
        var tag: Tag
    }

    /// What tags name.
    private(set) var tags: [TagName: RegistryAnswer<Digest>] = [:]
    /// Which images are there.
    private(set) var images: [DigestReference: RegistryAnswer<Bool>] = [:]
    /// What is known of images.
    private(set) var details: [DigestReference: RegistryAnswer<ImageDetails>] = [:]
    /// All tags of repositories.
    private(set) var lists: [Repository: RegistryAnswer<TagList>] = [:]
    /// Which blobs are there.
    private(set) var blobs: [DigestReference: RegistryAnswer<Bool>] = [:]
    /// Which images are signed.
    private var signatures: [DigestReference: RegistryAnswer<SignatureFinding>] = [:]

    private let settings: CheckSettings
    private let registry: any ImageRegistry

    /// How many tags of a repository are looked at.
    static let tagLimit = 10_000

    /// Asks all that the rules need to know of `references`.
    ///
    /// - Throws: `CancellationError` alone.
    init(about references: [CheckedReference], _ settings: CheckSettings, in registry: any ImageRegistry) async throws {
        self.settings = settings
        self.registry = registry
        // A reference is asked for once, though rules may be turned off at some of its places.
        try await askForTags(references)
        try await askForImages(references)
        try await askForBases(references)
        try await askForBlobs()
        try await askForSignatures(references)
    }

    /// The image that a reference means: by its digest, else by the lock's, else by what its tag names.
    func subject(of reference: CheckedReference) -> DigestReference? {
        if let pinned = reference.pinned ?? settings.lock?.image(for: reference) { return pinned }
        guard let repository = reference.repository, let tag = reference.tag,
            let digest = tags[TagName(repository: repository, tag: tag)]?.value
        else { return nil }
        return DigestReference(repository: repository, digest: digest)
    }

    private func applies(_ rules: [CheckRule], to reference: CheckedReference) -> Bool {
        rules.contains { settings.applies($0, to: reference) }
    }

    // MARK: Tags

    private mutating func askForTags(_ references: [CheckedReference]) async throws {
        var names: Set<TagName> = []
        var repositories: Set<Repository> = []
        let unsigned: [CheckRule] = settings.package == nil ? [.unsigned] : []
        for reference in references {
            guard let repository = reference.repository, let tag = reference.tag else { continue }
            let rules: [CheckRule] =
                reference.digest == nil ? [.missing, .base, .age, .platform] + unsigned : [.drift, .tagGone]
            if applies(rules, to: reference) { names.insert(TagName(repository: repository, tag: tag)) }
            if applies([.newer], to: reference), TagVersion(tag.name) != nil { repositories.insert(repository) }
        }
        try await ask(tags: names)
        let registry = registry
        lists = try await Self.answers(to: repositories, atMost: settings.concurrency) { repository in
            try await registry.repository(repository).tags(atMost: Self.tagLimit)
        }
    }

    private mutating func ask(tags names: Set<TagName>) async throws {
        let registry = registry
        let answers = try await Self.answers(
            to: names.filter { tags[$0] == nil },
            atMost: settings.concurrency
        ) { name in
            try await registry.repository(name.repository).descriptor(of: name.tag)?.digest
        }
        tags.merge(answers) { first, _ in first }
    }

    // MARK: Images

    private mutating func askForImages(_ references: [CheckedReference]) async throws {
        var present: Set<DigestReference> = []
        var needs: [DigestReference: ImageDetails.Needs] = [:]
        for reference in references {
            if let pinned = reference.pinned {
                if applies([.missing, .tagGone], to: reference) { present.insert(pinned) }
                if settings.applies(.absent, to: reference), let mirror = settings.mirror,
                    let mirrored = try? mirror.reference(for: pinned)
                {
                    present.insert(mirrored)
                }
                // What differs may be a part of what the tag names; dates tell people which is which.
                if settings.applies(.drift, to: reference), let repository = reference.repository,
                    let tag = reference.tag, let now = tags[TagName(repository: repository, tag: tag)]?.value,
                    now != pinned.digest
                {
                    needs[DigestReference(repository: repository, digest: now), default: []].insert(.creation)
                    needs[pinned, default: []].insert(.creation)
                }
            }
            guard let subject = subject(of: reference) else { continue }
            if settings.isDeep, settings.applies(.missing, to: reference) {
                needs[subject, default: []].insert(.content)
            }
            if settings.applies(.age, to: reference) { needs[subject, default: []].insert(.creation) }
            if settings.applies(.base, to: reference) { needs[subject, default: []].insert(.base) }
            if settings.applies(.platform, to: reference) { needs[subject, default: []].insert(.platforms) }
        }
        let (registry, platforms, wanted) = (registry, settings.platforms, needs)
        details = try await Self.answers(to: Set(needs.keys), atMost: settings.concurrency) { image in
            try await ImageDetails(
                of: image.digest,
                in: registry.repository(image.repository),
                wanted[image] ?? [],
                for: platforms
            )
        }
        // What was read is there.
        for image in present {
            switch details[image] {
            case .value?: images[image] = .value(true)
            case .absent?: images[image] = .absent
            default: break
            }
        }
        let asked = try await Self.answers(
            to: present.filter { images[$0] == nil },
            atMost: settings.concurrency
        ) { image in
            try await registry.repository(image.repository).holdsManifest(image.digest) ? true : nil
        }
        images.merge(asked) { first, _ in first }
    }

    private mutating func askForBases(_ references: [CheckedReference]) async throws {
        let bases = references.filter { settings.applies(.base, to: $0) }
            .compactMap { subject(of: $0) }.compactMap { details[$0]?.value?.base }
        try await ask(tags: Set(bases.map { TagName(repository: $0.repository, tag: $0.tag) }))
    }

    private mutating func askForBlobs() async throws {
        guard settings.isDeep else { return }
        var wanted: Set<DigestReference> = []
        for (image, answer) in details {
            for blob in answer.value?.blobs ?? [] {
                wanted.insert(DigestReference(repository: image.repository, digest: blob))
            }
        }
        let registry = registry
        blobs = try await Self.answers(to: wanted, atMost: settings.concurrency) { blob in
            try await registry.repository(blob.repository).presence(of: blob.digest) == .missing ? nil : true
        }
    }

    private mutating func askForSignatures(_ references: [CheckedReference]) async throws {
        guard settings.package == nil, let judge = settings.signatures else { return }
        let subjects = Set(references.filter { settings.applies(.unsigned, to: $0) }.compactMap { subject(of: $0) })
        let registry = registry
        signatures = try await Self.answers(to: subjects, atMost: settings.concurrency) { image in
            try await judge(image, registry)
        }
    }

    /// Whether the image that a reference means is signed.
    func signature(of reference: CheckedReference) -> SignatureFinding {
        guard let subject = subject(of: reference) else {
            guard let repository = reference.repository, let tag = reference.tag else { return .accepted }
            switch tags[TagName(repository: repository, tag: tag)] {
            case .failed(let reason)?: return .undecided(reason)
            case .absent?, .value?, nil: return .undecided("the registry does not have the tag \(tag)")
            }
        }
        switch signatures[subject] {
        case .value(let finding)?: return finding
        case .failed(let reason)?: return .undecided(reason)
        case .absent?, nil: return .undecided("the registry does not have \(subject.digest)")
        }
    }

    private static func answers<Question: Hashable & Sendable, Value: Sendable>(
        to questions: Set<Question>,
        atMost limit: Int,
        _ ask: @escaping @Sendable (Question) async throws -> Value?
    ) async throws -> [Question: RegistryAnswer<Value>] {
        let answers = try await Array(questions).concurrentMap(atMost: limit) { question in
            (question, try await RegistryAnswer.of { try await ask(question) })
        }
        return Dictionary(answers) { first, _ in first }
    }
}

extension RegistryFacts {
    /// The lists of tags that weren't read to their end.
    var remarks: [String] {
        lists.compactMap { repository, answer in
            guard let list = answer.value, !list.isComplete else { return nil }
            return "\(repository.familiarName) has more than \(list.tags.count) tags; newer ones were looked for among "
                + "the first \(list.tags.count)"
        }
        .sorted()
    }
}
