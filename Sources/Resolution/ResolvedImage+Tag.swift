import ContainerImage
import KbldConfiguration

extension ResolvedImage {
    /// `NAME:TAG@DIGEST` with the tag that was looked up, or that `reference` has; the URL itself where there is none.
    func urlWithTag(of reference: String) -> String {
        guard let parsed = try? DigestReference(url), let tag = resolvedTag ?? Self.tag(in: reference) else {
            return url
        }
        return "\(parsed.repository):\(tag)@\(parsed.digest)"
    }

    private var resolvedTag: String? {
        for origin in origins.reversed() { if case .resolved(_, let tag?) = origin { return tag } }
        return nil
    }

    private static func tag(in reference: String) -> String? {
        let name = reference.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
        return (try? Tag(name[name.index(after: colon)...]))?.name
    }
}
