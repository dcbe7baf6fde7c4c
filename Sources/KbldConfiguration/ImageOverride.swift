public import ContainerImage

/// What takes the place of a reference before it is resolved.
public struct ImageOverride: Sendable, Hashable {
    /// Which references it is for.
    public var matcher: ImageMatcher
    /// What takes their place; empty where they stay, and only a tag or platform is chosen.
    public var newImage: String
    /// Whether `newImage` is final and not looked up.
    public var preresolved: Bool
    /// How a tag of `newImage` is chosen.
    public var tagSelection: VersionSelection?
    /// Which image of an index is chosen; an empty operating system or architecture matches any.
    public var platformSelection: Platform?
    /// How `newImage` came about, from a lock.
    public var origins: [Origin]

    /// Creates an override.
    public init(
        matcher: ImageMatcher,
        newImage: String,
        preresolved: Bool = false,
        tagSelection: VersionSelection? = nil,
        platformSelection: Platform? = nil,
        origins: [Origin] = []
    ) {
        self.matcher = matcher
        self.newImage = newImage
        self.preresolved = preresolved
        self.tagSelection = tagSelection
        self.platformSelection = platformSelection
        self.origins = origins
    }

    /// What takes the place of `reference`.
    public func image(for reference: String) -> String { newImage.isEmpty ? reference : newImage }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        matcher = try ImageMatcher(node)
        newImage = try node.string("newImage") ?? ""
        preresolved = try node.flag("preresolved") ?? false
        tagSelection = try node.map("tagSelection").map { selection throws(ConfigurationError) in
            try VersionSelection(selection)
        }
        platformSelection = try node.map("platformSelection").map { selection throws(ConfigurationError) in
            try Platform(selection)
        }
        origins = try node.list("origins").map { Origin($0.value) }
        guard !newImage.isEmpty || !preresolved && (tagSelection != nil || platformSelection != nil) else {
            throw node.error(.missing("newImage"))
        }
    }
}

extension VersionSelection {
    /// Reads `tagSelection`.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        guard let semver = try node.map("semver") else { throw node.error(.missing("semver")) }
        if let constraints = try semver.string("constraints") {
            do {
                constraint = try VersionConstraint(constraints)
            } catch {
                throw (semver.child("constraints") ?? semver).error(.badConstraint(error))
            }
        }
        guard let chosen = try semver.map("prereleases") else {
            prereleases = .excluded
            return
        }
        let identifiers = try chosen.strings("identifiers")
        prereleases = identifiers.isEmpty ? .included : .identified(by: Set(identifiers))
    }
}

extension Platform {
    /// Reads `platformSelection`.
    fileprivate init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let osVersion = try node.string("os.version", or: "osVersion")
        let dotted = try node.strings("os.features")
        let osFeatures = dotted.isEmpty ? try node.strings("osFeatures") : dotted
        let features = try node.strings("features")
        self.init(
            os: try node.string("os") ?? "",
            architecture: try node.string("architecture") ?? "",
            variant: try node.string("variant"),
            osVersion: osVersion,
            osFeatures: osFeatures.isEmpty ? nil : osFeatures,
            features: features.isEmpty ? nil : features
        )
    }
}
