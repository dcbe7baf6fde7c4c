public import ContainerImage

/// A reference as it is written, in its parts: `nginx`, `1.27` and a digest, of which the last two may be missing.
public struct WrittenReference: Sendable, Hashable {
    /// The name before tag and digest, as it is written: `nginx` stays `nginx`.
    public var name: String
    /// The tag, where one is written.
    public var tag: Tag?
    /// The digest, where one is written.
    public var digest: Digest?

    /// Parses `name[:tag][@digest]`.
    ///
    /// - Throws: `ReferenceError` for what isn't a reference.
    public init(_ text: String) throws(ReferenceError) {
        _ = try ImageReference(text)
        var rest = text[...]
        if let at = rest.lastIndex(of: "@") {
            // It was parsed above.
            digest = try? Digest(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            let written = rest[rest.index(after: colon)...]
            tag = written.isEmpty ? nil : try Tag(written)
            rest = rest[..<colon]
        }
        name = String(rest)
    }

    /// The repository, written out: `index.docker.io/library/nginx` of `nginx`.
    ///
    /// - Throws: `ReferenceError` for a name that was changed to something else.
    public var repository: Repository { get throws(ReferenceError) { try Repository(name) } }

    /// The tag that is asked for: the written one, else `latest`.
    public var effectiveTag: Tag { tag ?? .latest }
}

extension WrittenReference: CustomStringConvertible {
    /// `name[:tag][@digest]`.
    public var description: String { "\(name)\(tag.map { ":\($0)" } ?? "")\(digest.map { "@\($0)" } ?? "")" }
}
