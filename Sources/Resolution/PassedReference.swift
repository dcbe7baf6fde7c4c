import ContainerImage

/// A reference whose digest is not a registry's, such as `docker://host/app@sha256:…`: nothing is looked up for it,
/// so it passes as in the original, with host and `library/` written out.
struct PassedReference: CustomStringConvertible {
    let description: String

    /// Parses a reference as leniently as go-containerregistry.
    ///
    /// - Throws: `DigestReferenceError` for anything else.
    init(_ text: String) throws(DigestReferenceError) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw DigestReferenceError(
                text: text,
                reason: "a digest must contain exactly one '@' separator (e.g. registry/repository@digest) saw: \(text)"
            )
        }
        guard parts[1].hasPrefix("sha256:") else {
            throw DigestReferenceError(text: text, reason: "unsupported digest algorithm: \(parts[1])")
        }
        let hex = parts[1].dropFirst("sha256:".count)
        guard hex.utf8.count == 64 else {
            throw DigestReferenceError(text: text, reason: "invalid checksum digest length")
        }
        guard hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw DigestReferenceError(text: text, reason: "invalid checksum digest format")
        }
        let name = Self.withoutTag(parts[0])
        var (host, path) = ("", name)
        if let slash = name.firstIndex(of: "/"), name[..<slash].contains(where: { $0 == "." || $0 == ":" }) {
            (host, path) = (String(name[..<slash]), name[name.index(after: slash)...])
        }
        guard (2...255).contains(path.utf8.count), path.utf8.allSatisfy(Self.isPathByte), Self.isHost(host) else {
            throw DigestReferenceError(text: text, reason: Self.fault(of: text))
        }
        if host.isEmpty || host == "docker.io" { host = RegistryHost.dockerHub.name }
        let isImplicit = host == RegistryHost.dockerHub.name && !path.contains("/")
        description = "\(host)/\(isImplicit ? "library/" : "")\(path)@\(parts[1])"
    }

    private static func withoutTag(_ name: Substring) -> Substring {
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/"),
            (try? Tag(name[name.index(after: colon)...])) != nil
        else { return name }
        return name[..<colon]
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || "_-./".utf8.contains(byte)
    }

    /// A host with or without a port; both may be empty, as in `docker:`.
    private static func isHost(_ text: String) -> Bool {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let port = halves.count == 2 ? halves[1] : ""
        return port.utf8.allSatisfy { (48...57).contains($0) }
            && (halves.first ?? "").utf8.allSatisfy {
                (48...57).contains($0) || (97...122).contains($0 | 0x20) || "._-".utf8.contains($0)
            }
    }

    private static func fault(of text: String) -> String {
        do {
            return "it is '\(try ImageReference(text))'"
        } catch {
            return "\(error)"
        }
    }
}

/// What should be a reference with a digest, and isn't.
struct DigestReferenceError: Error, Sendable, CustomStringConvertible {
    let text: String
    let reason: String

    var description: String { "Expected valid digest reference, but found '\(text)', reason: \(reason)" }
}
