/// What builds an image, with its options.
public enum ImageBuilder: Sendable, Hashable {
    /// `docker build`, which is also what builds where none is named.
    case docker(ContainerfileOptions)
    /// `docker buildx build`.
    case dockerBuildx(ContainerfileOptions)
    /// `pack build`, of Cloud Native Buildpacks.
    case pack(PackOptions)
    /// `kubectl buildkit build`.
    case kubectlBuildkit(ContainerfileOptions)
    /// `ko publish` of the folder's package, or of the package of an import path, with these options.
    case ko(rawOptions: [String], importPath: String? = nil)
    /// `bazel run` of a target.
    case bazel(target: String, rawOptions: [String])
    /// `mvn compile jib:dockerBuild` in a module of the source; the image gets the tag.
    case maven(target: String, tag: String, rawOptions: [String])
    /// `podman build`.
    case podman(ContainerfileOptions)
    /// `buildah build`.
    case buildah(ContainerfileOptions)
    /// `nerdctl build`.
    case nerdctl(ContainerfileOptions)
}

/// Options of the builders that build from a Dockerfile or Containerfile.
public struct ContainerfileOptions: Sendable, Hashable {
    /// The stage to build.
    public var target: String?
    /// Whether base images are pulled even if they are there.
    public var pull: Bool
    /// Whether nothing is taken from the cache.
    public var noCache: Bool
    /// The Dockerfile, relative to the source.
    public var file: String?
    /// Whether docker builds with BuildKit, where it is said.
    public var buildkit: Bool?
    /// The platforms to build for, `os/arch[/variant]`.
    public var platforms: [String]
    /// Arguments that are passed on as they are.
    public var rawOptions: [String]

    /// Creates options.
    public init(
        target: String? = nil,
        pull: Bool = false,
        noCache: Bool = false,
        file: String? = nil,
        buildkit: Bool? = nil,
        platforms: [String] = [],
        rawOptions: [String] = []
    ) {
        self.target = target
        self.pull = pull
        self.noCache = noCache
        self.file = file
        self.buildkit = buildkit
        self.platforms = platforms
        self.rawOptions = rawOptions
    }
}

/// Options of `pack build`.
public struct PackOptions: Sendable, Hashable {
    /// The builder image.
    public var builder: String
    /// The buildpacks to use; the builder's own where there are none.
    public var buildpacks: [String]
    /// Whether the cache is emptied before.
    public var clearCache: Bool
    /// Arguments that are passed on as they are.
    public var rawOptions: [String]

    /// Creates options.
    public init(builder: String, buildpacks: [String] = [], clearCache: Bool = false, rawOptions: [String] = []) {
        self.builder = builder
        self.buildpacks = buildpacks
        self.clearCache = clearCache
        self.rawOptions = rawOptions
    }
}
