/// A name for an image or index in a repository: by tag or by digest.
///
/// Parsing follows Docker and go-containerregistry: see `docs/parity.md`, "References".
public enum ImageReference: Hashable, Sendable {
    /// By a tag, which may be moved later.
    case tag(Repository, Tag)
    /// By digest, which names the same bytes for ever.
    case digest(DigestReference)

    /// Parses `repository[:tag]` (the tag is `latest` where it is left out or empty) or `repository[:tag]@digest` (the tag is
    /// dropped).
    ///
    /// - Throws: `ReferenceError` with what is wrong.
    public init(_ text: String) throws(ReferenceError) {
        guard !text.isEmpty else { throw ReferenceError(text: text, reason: .empty) }
        if let at = text.lastIndex(of: "@") {
            let digest: Digest
            do {
                digest = try Digest(text[text.index(after: at)...])
            } catch {
                throw ReferenceError(text: text, reason: .badDigest(error))
            }
            let (name, tag) = Self.splitTag(text[..<at])
            do {
                if let tag { _ = try Tag(tag) }
                self = .digest(DigestReference(repository: try Repository(name), digest: digest))
            } catch {
                throw ReferenceError(text: text, reason: error.reason)
            }
            return
        }
        let (name, tag) = Self.splitTag(text[...])
        do {
            self = .tag(try Repository(name), try tag.map { text throws(ReferenceError) in try Tag(text) } ?? .latest)
        } catch {
            throw ReferenceError(text: text, reason: error.reason)
        }
    }

    /// Where the image is.
    public var repository: Repository {
        switch self {
        case .tag(let repository, _): repository
        case .digest(let reference): reference.repository
        }
    }

    /// The tag, or the digest with its algorithm, as in a manifest's URL.
    public var identifier: String {
        switch self {
        case .tag(_, let tag): tag.name
        case .digest(let reference): reference.digest.description
        }
    }

    private static func splitTag(_ text: Substring) -> (name: Substring, tag: Substring?) {
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { return (text, nil) }
        let tag = text[text.index(after: colon)...]
        return (text[..<colon], tag.isEmpty ? nil : tag)
    }
}

extension ImageReference: CustomStringConvertible {
    /// The reference in full: with host, and with the tag or digest.
    public var description: String {
        switch self {
        case .tag(let repository, let tag): "\(repository):\(tag.name)"
        case .digest(let reference): reference.description
        }
    }
}

/// An image or index by its digest: `host/path@sha256:…`.
public struct DigestReference: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Where it is.
    public var repository: Repository
    /// The digest of its manifest.
    public var digest: Digest

    /// Creates a reference to `digest` in `repository`.
    public init(repository: Repository, digest: Digest) {
        self.repository = repository
        self.digest = digest
    }

    /// Parses a reference that has a digest.
    ///
    /// - Throws: `ReferenceError`; `.noDigest` when the reference is one by tag.
    public init(_ text: String) throws(ReferenceError) {
        guard case .digest(let reference) = try ImageReference(text) else {
            throw ReferenceError(text: text, reason: .noDigest)
        }
        self = reference
    }

    /// `host/path@sha256:…`.
    public var description: String { "\(repository)@\(digest)" }

    /// Orders by text.
    public static func < (left: Self, right: Self) -> Bool {
        if left.repository == right.repository { return left.digest < right.digest }
        guard left.repository.registry == right.repository.registry else { return left.description < right.description }
        // No text is made for each comparison of a sort: of two references in one registry, the paths tell.
        let (one, other) = (left.repository.path.utf8, right.repository.path.utf8)
        for (a, b) in zip(one, other) where a != b { return a < b }
        let end = UInt8(ascii: "@")
        return one.count < other.count
            ? end < other[other.index(other.startIndex, offsetBy: one.count)]
            : one[one.index(one.startIndex, offsetBy: other.count)] < end
    }
}

/// A tag of an image: 1 to 128 letters, digits, `_`, `-` and `.`.
public struct Tag: Hashable, Sendable, CustomStringConvertible {
    /// The tag itself.
    public let name: String

    /// What a reference without tag and digest means.
    public static let latest = Tag(verified: "latest")

    /// Parses a tag: checks its length and characters.
    ///
    /// - Throws: `ReferenceError` when they aren't a tag's.
    public init(_ text: some StringProtocol) throws(ReferenceError) {
        let name = String(text)
        guard (1...128).contains(name.utf8.count) else {
            throw ReferenceError(text: name, reason: .tagLength(name.utf8.count))
        }
        let allowed = name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard allowed else { throw ReferenceError(text: name, reason: .badTag(name)) }
        guard name != ".", name != ".." else { throw ReferenceError(text: name, reason: .dotTag(name)) }
        self.name = name
    }

    private init(verified name: String) { self.name = name }

    /// The tag under which an image of a package arrives: `kbld-sha256-<hex>` (docs/format.md, "Reading").
    public static func kbldDigestTag(for digest: Digest) -> Tag { Tag(verified: "kbld-" + short(digest)) }

    /// The tag that lists what refers to a manifest where there is no referrers API: `sha256-<hex>` (OCI distribution
    /// specification, "Referrers Tag Schema").
    public static func referrers(of digest: Digest) -> Tag { Tag(verified: short(digest)) }

    /// The tag that imgpkg gives to what it relocates: `sha256-<hex>.imgpkg`.
    public static func imgpkg(of digest: Digest) -> Tag { Tag(verified: short(digest) + ".imgpkg") }

    /// The tags under which cosign keeps a manifest's signatures, attestations and bills of materials. It cuts no digits
    /// off: a SHA-512 digest doesn't fit into a tag, so nothing is kept under one.
    public static func cosign(of digest: Digest) -> [Tag] {
        cosignSuffixes.compactMap { try? Tag("\(digest.dashed).\($0)") }
    }

    /// Those of ``cosign(of:)`` that have signatures: of images, and of what is attested.
    public static func cosignSignatures(of digest: Digest) -> [Tag] {
        ["sig", "att"].compactMap { try? Tag("\(digest.dashed).\($0)") }
    }

    /// Whether it stands for a digest, as those of arrival, referrers, imgpkg and cosign do.
    public var standsForDigest: Bool {
        let text = name.hasPrefix("kbld-") ? name.dropFirst("kbld-".count) : name[...]
        guard let dash = text.firstIndex(of: "-"), Digest.Algorithm(rawValue: String(text[..<dash])) != nil else {
            return false
        }
        let digits = text[dash...].dropFirst().prefix(64).utf8
        return digits.count == 64
            && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static let cosignSuffixes = ["sig", "att", "sbom"]

    /// Algorithm and digits as the referrers tag schema has them: of the digits the first 64.
    private static func short(_ digest: Digest) -> String { "\(digest.algorithm.rawValue)-\(digest.hex.prefix(64))" }

    /// The tag itself.
    public var description: String { name }
}
