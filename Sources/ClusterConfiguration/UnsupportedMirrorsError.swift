public import ContainerImage

/// Mirrors that a format can't express.
public struct UnsupportedMirrorsError: HintedError, Sendable {
    /// The format.
    public let format: ConfigurationFormat
    /// What it can't say.
    public let reason: UnsupportedReason
    /// The formats that can.
    public let alternatives: [ConfigurationFormat]

    /// What can't be said in which format, and what can.
    public var message: HintedText {
        let others = alternatives.map(\.rawValue).joined(separator: ", ")
        return "\(format.rawValue) can't express these mirrors: \(reason.message)"
            + HintedText(others.isEmpty ? "" : "; formats that can: \(others)")
    }
}

/// What a format can't say of mirrors.
public enum UnsupportedReason: Error, Sendable, Hashable {
    /// The images of a host aren't below one place under their own paths, and there are no rules for single ones.
    case scattered(host: String, mirror: String)
    /// An index was filtered, and has a new digest.
    case filteredIndex(DigestReference)
    /// The mirrors have no tags.
    case withoutTags
    /// A host that names can't have there.
    case host(String)
    /// Only Docker Hub can have mirrors there.
    case dockerHubOnly(other: String)
    /// Mirrors must be whole registries there.
    case wholeRegistry(String)
    /// Images are of several hosts, and there can be only one.
    case severalHosts([String])
    /// Mirrors of one host that keep its images under different paths.
    case differentPaths(host: String)
    /// The registry that images are named after is always asked there when mirrors fail.
    case alwaysFallsBack

    /// What it is, with the names.
    public var message: HintedText {
        switch self {
        case .scattered(let host, let mirror):
            "images of \(host) must keep their paths below one place, and \(mirror) isn't so"
                + "\(hint: .mirrorLayout, after: "; ")"
        case .filteredIndex(let index):
            "\(index) was filtered to some platforms and has a new digest\(hint: .keepIndexWhole, after: "; ")"
        case .withoutTags: "the mirrors have no tags\(hint: .tagWithOrigin, after: "; ")"
        case .host(let host): "'\(host)' can't be a host there"
        case .dockerHubOnly(let other): "only docker.io can have mirrors there, not \(other)"
        case .wholeRegistry(let mirror):
            "a mirror must be a whole registry there, and \(mirror) is below a path\(hint: .wholeRegistry, after: "; ")"
        case .severalHosts(let hosts): HintedText("images are of several hosts: " + hosts.joined(separator: ", "))
        case .differentPaths(let host): "the mirrors of \(host) have its images under different paths"
        case .alwaysFallsBack: "it always falls back to the registry that images are named after"
        }
    }
}
