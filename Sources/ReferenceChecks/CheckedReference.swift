public import ContainerImage

/// A reference in a file, as checks see it.
public struct CheckedReference: Sendable, Hashable {
    /// What is known of it.
    public enum Content: Sendable, Hashable {
        /// An image.
        case image(Repository, tag: Tag?, digest: Digest?)
        /// A template or variable is in it.
        case interpolated
        /// It reads like a reference, where none is looked for.
        case overlooked
        /// It isn't a reference, for this reason.
        case invalid(String)
    }

    /// The file, as it is shown.
    public var path: String
    /// Where it is in the file.
    public var region: SourceRegion
    /// The reference as written.
    public var text: String
    /// What is known of it.
    public var content: Content
    /// The rules that comments turn off here.
    public var ignored: Set<CheckRule>

    /// Creates a reference.
    public init(
        path: String,
        region: SourceRegion,
        text: String,
        content: Content,
        ignored: Set<CheckRule> = []
    ) {
        self.path = path
        self.region = region
        self.text = text
        self.content = content
        self.ignored = ignored
    }

    /// The image's name written out, as people know it: `docker.io/library/nginx`; the text for what has none.
    public var name: String {
        if case .image(let repository, _, _) = content { repository.familiarName } else { text }
    }

    var repository: Repository? { if case .image(let repository, _, _) = content { repository } else { nil } }

    var digest: Digest? { if case .image(_, _, let digest) = content { digest } else { nil } }

    /// The tag that is written, or in the comment beside it.
    var writtenTag: Tag? { if case .image(_, let tag, _) = content { tag } else { nil } }

    /// The tag that is asked for: without a digest that is `latest` where none is written.
    var tag: Tag? {
        guard case .image(_, let tag, let digest) = content else { return nil }
        return tag ?? (digest == nil ? .latest : nil)
    }

    /// The image by its digest.
    var pinned: DigestReference? {
        guard case .image(let repository, _, let digest?) = content else { return nil }
        return DigestReference(repository: repository, digest: digest)
    }

    /// `app.yml:3`.
    var place: String { "\(path):\(region.line)" }
}

extension Repository {
    /// The name with Docker Hub's host as people write it: `docker.io/library/nginx`.
    var familiarName: String {
        registry == .dockerHub ? "docker.io/\(path)" : description
    }
}
