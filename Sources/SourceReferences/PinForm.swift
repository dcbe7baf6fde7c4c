/// How a pinned reference is written.
public enum PinForm: String, Sendable, CaseIterable {
    /// `nginx:1.27@sha256:…`.
    case tagAndDigest = "tag-digest"
    /// `nginx@sha256:…`, and the tag in a comment: `# nginx:1.27`.
    case digest
}
