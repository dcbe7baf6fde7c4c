public import ContainerImage
public import KubernetesYAML

/// What a run would do.
public struct MirrorPlan: Sendable {
    /// What is done with one tag, or with one image that has none.
    public struct Action: Sendable, Hashable {
        /// What is done.
        public enum Kind: String, Sendable, CaseIterable {
            /// It isn't in the target yet.
            case add
            /// The target's tag names another image.
            case move
            /// It is there.
            case keep
            /// The document doesn't name it any more.
            case prune
        }

        /// What is done.
        public var kind: Kind
        /// Where the image is; nil for one that is pruned.
        public var source: ImageReference?
        /// Where it goes.
        public var repository: Repository
        /// The tag that it gets; nil where it is named by its digest.
        public var tag: Tag?
        /// The digest at the source; nil where it wasn't asked for.
        public var digest: Digest?
        /// The digest in the target; nil where there is none, or it wasn't asked for.
        public var current: Digest?

        /// Creates an action.
        public init(
            kind: Kind,
            source: ImageReference? = nil,
            repository: Repository,
            tag: Tag?,
            digest: Digest? = nil,
            current: Digest? = nil
        ) {
            self.kind = kind
            self.source = source
            self.repository = repository
            self.tag = tag
            self.digest = digest
            self.current = current
        }

        /// What it is called in the target.
        public var target: String {
            tag.map { "\(repository):\($0)" } ?? digest.map { "\(repository)@\($0)" } ?? "\(repository)"
        }

        /// The image that is copied, by the digest that its tag had when it was asked for.
        public var image: DigestReference? {
            guard let source, let digest else { return nil }
            return DigestReference(repository: source.repository, digest: digest)
        }
    }

    /// What couldn't be found out, or done.
    public struct Failure: Sendable {
        /// What it is about: a reference, a repository, a file.
        public var subject: String
        /// Why.
        public var error: any Error
        /// What asks for it again, in a document of the rest.
        public var entry: YAMLValue

        init(subject: String, error: any Error, entry: YAMLValue) {
            self.subject = subject
            self.error = error
            self.entry = entry
        }

        /// Creates the failure of an image, which is asked for alone again.
        public init(of source: ImageReference, _ error: any Error) {
            subject = source.description
            self.error = error
            entry =
                switch source {
                case .tag(let repository, let tag):
                    .map(["repository": .string(repository.description), "tags": .list([.string(tag.name)])])
                case .digest(let reference): .map(["image": .string(reference.description)])
                }
        }
    }

    /// What is done, sorted by what it is called in the target.
    public var actions: [Action] = []
    /// What the document names, by what it is called in the target.
    public internal(set) var selection = MirrorSelection()
    /// What couldn't be found out.
    public var failures: [Failure] = []
    /// When images were made, in seconds since 1970, as far as it mattered.
    public internal(set) var dates: [Digest: Int64] = [:]
    /// What is worth knowing: a line for each.
    public var notes: [String] = []

    /// Creates a plan to do nothing.
    public init() {}

    /// What is copied.
    public var copies: [Action] { actions.filter { $0.kind == .add || $0.kind == .move } }
    /// Whether nothing is to be copied or pruned, as far as is known.
    public var isEmpty: Bool { actions.allSatisfy { $0.kind == .keep } }

    /// How many actions there are of a kind.
    public func count(of kind: Action.Kind) -> Int { actions.count { $0.kind == kind } }
}
