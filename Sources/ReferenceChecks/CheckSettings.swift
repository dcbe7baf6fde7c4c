public import ContainerImage
public import ImageStore

/// What is checked, and how much it matters.
public struct CheckSettings: Sendable {
    /// The rules.
    public var rules: Set<CheckRule>
    /// Levels other than the rules' own.
    public var levels: [CheckRule: CheckLevel] = [:]
    /// Findings that aren't wanted. Nothing is asked for their sake.
    public var ignored: [IgnoredFinding] = []
    /// Which tags count as newer.
    public var newer = NewerTags()
    /// How old images may be.
    public var ageLimit = AgeLimit.standard
    /// What the age of images is measured by.
    public var now: Timestamp
    /// The platforms that each image must be there for.
    public var platforms: [Platform] = []
    /// Whether images are asked for with all their parts.
    public var isDeep = false
    /// A package that must have the images.
    public var package: PackagedImages?
    /// Repositories that must have them.
    public var mirror: ImageMirror?
    /// What the references are resolved to.
    public var lock: ReferenceLock?
    /// Tells whether an image of a registry is signed as it must be.
    public var signatures: SignatureJudge?
    /// How many requests are under way at once.
    public var concurrency = 16

    /// Looks for an image's signatures in a registry, and judges them.
    public typealias SignatureJudge = @Sendable (DigestReference, any ImageRegistry) async throws -> SignatureFinding

    /// Creates settings for `rules`.
    public init(rules: Set<CheckRule>, now: Timestamp) {
        self.rules = rules
        self.now = now
    }

    func level(of rule: CheckRule) -> CheckLevel { levels[rule] ?? rule.level }

    /// Whether `rule` is to be applied to `reference`.
    func applies(_ rule: CheckRule, to reference: CheckedReference) -> Bool {
        rules.contains(rule) && !reference.ignored.contains(rule)
            && !ignored.contains { $0.covers(rule, reference) }
    }
}
