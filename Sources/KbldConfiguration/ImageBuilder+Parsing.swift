import ContainerImage

extension ImageBuilder {
    static let names = [
        "docker", "pack", "kubectlBuildkit", "ko", "bazel", "maven", "podman", "buildah", "nerdctl",
    ]

    /// Reads the builder of a source; docker where it names none.
    ///
    /// An option that the builder doesn't have is refused: it would change the image, and passing it over would hide it.
    init(_ source: ConfigurationNode) throws(ConfigurationError) {
        var given: [(name: String, node: ConfigurationNode)] = []
        for name in Self.names {
            if let node = try source.map(name) { given.append((name, node)) }
        }
        guard given.count <= 1 else { throw source.error(.tooMany(given.map(\.name))) }
        guard let (name, node) = given.first else {
            self = .docker(ContainerfileOptions())
            return
        }
        switch name {
        case "pack":
            let options = try Self.options(of: node, ["builder", "buildpacks", "clearCache", "rawOptions"])
            guard let builder = try options?.string("builder") else { throw node.error(.missing("build.builder")) }
            self = .pack(
                PackOptions(
                    builder: builder,
                    buildpacks: try options?.strings("buildpacks") ?? [],
                    clearCache: try options?.flag("clearCache") ?? false,
                    rawOptions: try options?.strings("rawOptions") ?? []
                )
            )
        case "ko":
            let options = try Self.options(of: node, ["rawOptions"])
            self = .ko(rawOptions: try options?.strings("rawOptions") ?? [])
        case "bazel":
            let options = try Self.options(of: node, under: "run", ["target", "label", "rawOptions"])
            guard let target = try options?.string("target", or: "label") else {
                throw node.error(.missing("run.target"))
            }
            self = .bazel(target: target, rawOptions: try options?.strings("rawOptions") ?? [])
        case "maven":
            let options = try Self.options(of: node, under: "run", ["target", "tag", "rawOptions"])
            guard let options, let target = try options.string("target") else {
                throw node.error(.missing("run.target"))
            }
            let tag = try options.string("tag") ?? "latest"
            do {
                _ = try Tag(tag)
            } catch {
                throw (options.child("tag") ?? options).error(.badTag(error))
            }
            self = .maven(target: target, tag: tag, rawOptions: try options.strings("rawOptions"))
        case "docker": self = try Self.docker(node)
        case "kubectlBuildkit":
            self = .kubectlBuildkit(try ContainerfileOptions(node, besides: ["platform"]))
        case "podman": self = .podman(try ContainerfileOptions(node, besides: ["platforms"]))
        case "buildah": self = .buildah(try ContainerfileOptions(node, besides: ["platforms"]))
        case "nerdctl": self = .nerdctl(try ContainerfileOptions(node, besides: ["platforms"]))
        default: throw source.error(.unknownOption(name, known: Self.names))
        }
    }

    private static func docker(_ node: ConfigurationNode) throws(ConfigurationError) -> ImageBuilder {
        guard node.child("buildx") != nil else {
            return .docker(try ContainerfileOptions(node, besides: ["buildkit"], siblings: ["buildx"]))
        }
        guard node.child("build") == nil else { throw node.error(.tooMany(["build", "buildx"])) }
        return .dockerBuildx(
            try ContainerfileOptions(node, under: "buildx", besides: ["platforms"], siblings: ["build"])
        )
    }

    /// The options of a builder, checked for names that it doesn't have.
    fileprivate static func options(
        of builder: ConfigurationNode,
        under key: String = "build",
        _ known: [String],
        siblings: [String] = []
    ) throws(ConfigurationError) -> ConfigurationNode? {
        try builder.checkOptions([key] + siblings)
        let options = try builder.map(key)
        try options?.checkOptions(known)
        return options
    }
}

extension ContainerfileOptions {
    private static let common = ["target", "pull", "noCache", "file", "rawOptions"]

    fileprivate init(
        _ builder: ConfigurationNode,
        under key: String = "build",
        besides special: [String],
        siblings: [String] = []
    ) throws(ConfigurationError) {
        self.init()
        let known = Self.common + special
        guard let options = try ImageBuilder.options(of: builder, under: key, known, siblings: siblings) else { return }
        target = try options.string("target")
        pull = try options.flag("pull") ?? false
        noCache = try options.flag("noCache") ?? false
        file = try options.string("file")
        rawOptions = try options.strings("rawOptions")
        if special.contains("buildkit") { buildkit = try options.flag("buildkit") }
        if special.contains("platforms") { platforms = try options.strings("platforms") }
        if special.contains("platform") { platforms = try options.string("platform").map { [$0] } ?? [] }
    }
}
