import ContainerImage

/// What earlier runs have seen, in a file: it saves asking the target for tags that it is known to have. Without it the
/// outcome is the same.
public struct MirrorMemory: Sendable, Equatable, Codable {
    private var version = 1
    private var tags: [String: String] = [:]

    /// Creates the memory of no run.
    public init() {}

    /// What the source had when the target got `target`.
    func digest(of target: String) -> Digest? { tags[target].flatMap { try? Digest($0) } }

    /// Notes what is there now.
    public mutating func note(_ action: MirrorPlan.Action) {
        guard action.tag != nil, let digest = action.digest else { return }
        tags[action.target] = digest.description
    }

    /// Forgets what isn't sure any more.
    public mutating func forget(_ action: MirrorPlan.Action) { tags[action.target] = nil }
}
