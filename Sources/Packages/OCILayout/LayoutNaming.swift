/// The names under which a layout lists images, for runtimes that load it.
public struct LayoutNaming: Sendable, Hashable {
    /// Whether each image is listed under its digest: `docker.io/library/nginx@sha256:…`.
    public var byDigest = true
    /// Whether each image that has tags is listed under each of them: `docker.io/library/nginx:1.29`.
    public var byTag = true
    /// Whether there is a `manifest.json` as well, as older versions of Docker read it, of images for one platform.
    public var isDockerCompatible = false

    /// Creates names of both kinds.
    public init() {}

    /// What a name may have at most: runtimes keep them in databases and paths.
    static let limit = 255
}
