public import ContainerImage
public import ImageStore

/// A manifest that a registry won't have.
public struct PushRefusalError: MissingContentError, HintedError, Sendable {
    /// The manifest.
    public let manifest: RawManifest
    /// The last refusal: of the tag.
    public let error: RegistryError
    /// The refusal of the manifest by its digest, where that was tried before.
    public let byDigest: RegistryError?

    /// Whether the registry says that it lacks what the manifest refers to.
    public var lacksContent: Bool { error.lacksContent || byDigest?.lacksContent == true }

    /// Whether what an index names may be what the registry misses.
    public var refusesSparseIndex: Bool {
        lacksContent || error.refusesSparseIndex || byDigest?.refusesSparseIndex == true
    }

    /// What was refused, in which ways, and what may help.
    public var message: HintedText {
        var text: HintedText = "\(error)"
        if let byDigest { text += " (and by digest: \(byDigest))" }
        if let advice { text += (text.description.hasSuffix(".") ? " " : ". ") + advice }
        return text
    }

    /// What the registry's own words mean counts before what its status may mean.
    private var advice: HintedText? {
        if lacksContent {
            return
                "The registry doesn't find content of the manifest that was there or was pushed; run this again"
        }
        if says("quota", "upper limit", "storage limit", "insufficient storage", "no space") || error.status == 507 {
            return "The registry's storage quota is used up; free some space, or use another repository"
        }
        if says("read only", "read-only", "maintenance") {
            return "The registry is read-only at the moment; try again later"
        }
        if error.has(codes: ["TAG_INVALID", "TAG_ALREADY_EXISTS"]) || says("immutable", "overwritten", "already exists")
        {
            return Self.otherImage
        }
        if says("scan", "vulnerabilit", "policy", "severity", "unsigned", "signature", "quarantine") {
            return "A policy of the registry forbids the image; ask its administrators"
        }
        return error.status == 409 || error.status == 412 ? Self.otherImage : adviceByStatus
    }

    private static let otherImage: HintedText =
        "The tag is immutable and names another image; use another repository"

    private var adviceByStatus: HintedText? {
        let algorithm = manifest.digest.algorithm
        switch error.status {
        case let status? where algorithm != .sha256 && [400, 404, 405, 501].contains(status):
            return "The registry may not accept manifests with \(algorithm.rawValue) digests; use another registry"
        case 403: return "The account must be allowed to push to the repository"
        case 404: return "The repository must exist, and the account must be allowed to push to it"
        case let status?
        where status != 415 && !words.isEmpty && !error.has(codes: ["MANIFEST_INVALID", "UNSUPPORTED"]):
            // The registry gives a reason of its own.
            return nil
        default:
            guard manifest.contentType.isIndex else {
                return "The registry may not accept manifests of the type \(manifest.contentType)"
            }
            return "The registry may not accept multi-platform images of the type \(manifest.contentType); "
                + "use another registry\(hint: .choosePlatform, after: ", or ")"
        }
    }

    private func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }

    /// All that the registry said, in small letters.
    private var words: String {
        [error, byDigest].compactMap(\.self).flatMap { refusal -> [RegistryError.Detail] in
            if case .status(_, let errors, _) = refusal.reason { errors } else { [] }
        }
        .flatMap { [$0.code, $0.message].compactMap(\.self) }.joined(separator: " ").lowercased()
    }
}
