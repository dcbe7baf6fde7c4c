public import ContainerImage

/// A manifest that a registry won't have.
public struct PushRefusal: Error, Sendable, CustomStringConvertible {
    /// The manifest.
    public let manifest: RawManifest
    /// The last refusal: of the tag.
    public let error: RegistryError
    /// The refusal of the manifest by its digest, where that was tried before.
    public let byDigest: RegistryError?

    /// What was refused, in which ways, and what may help.
    public var description: String {
        var text = "\(error)"
        if let byDigest { text += " (and by digest: \(byDigest))" }
        if let advice { text += ". " + advice }
        return text
    }

    private var advice: String? {
        switch error.status {
        case let status? where manifest.digest.algorithm != .sha256 && [400, 404, 405, 501].contains(status):
            "The registry may not take manifests by \(manifest.digest.algorithm.rawValue) digests: use another registry"
        case 403, 404: "The repository must exist, and the account must be allowed to push to it"
        case _ where manifest.mediaType.isIndex:
            "The registry may not take images for several platforms of the type \(manifest.mediaType): "
                + "use another registry, or resolve with --platform, so that only one platform's image is carried"
        case 409: "The registry may not allow tags to change: use another repository"
        default: "The registry may not take manifests of the type \(manifest.mediaType)"
        }
    }
}
