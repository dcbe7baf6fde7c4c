import ContainerImage

/// What a signature must call an image: containers-policy.json(5), `signedIdentity`.
public enum SignedIdentity: Sendable, Equatable {
    /// The very reference.
    case matchExact
    /// The repository of an image that is named by digest, as all are here.
    case matchRepoDigestOrExact
    /// The repository.
    case matchRepository
    /// This reference.
    case exactReference(String)
    /// This repository.
    case exactRepository(String)
    /// The repository, with another beginning.
    case remapIdentity(prefix: String, signedPrefix: String)

    /// Whether a signature that calls the image `name` will do.
    func accepts(_ name: String, for image: DigestReference) -> Bool {
        guard let signed = try? ImageReference(name) else { return false }
        switch self {
        case .matchExact: return Self.isExact(name) && signed == .digest(image)
        case .matchRepoDigestOrExact, .matchRepository: return signed.repository == image.repository
        case .exactReference(let wanted):
            guard let wanted = try? ImageReference(wanted) else { return false }
            return Self.isExact(name) && signed == wanted
        case .exactRepository(let wanted): return (try? Repository(wanted)) == signed.repository
        case .remapIdentity(let prefix, let signedPrefix):
            let own = ContainersPolicy.name(of: image.repository)
            guard own == prefix || own.hasPrefix(prefix + "/") else {
                return signed.repository == image.repository
            }
            return (try? Repository(signedPrefix + own.dropFirst(prefix.count))) == signed.repository
        }
    }

    /// Whether a reference has a tag or a digest.
    private static func isExact(_ name: String) -> Bool {
        name.contains("@") || name[(name.lastIndex(of: "/") ?? name.startIndex)...].contains(":")
    }
}

/// What a policy may name: what no signature is ever for is a mistake.
extension SignedIdentity {
    /// Why `text` isn't a reference as ``exactReference(_:)`` needs it; nil for nothing.
    static func problem(ofReference text: String) -> String? {
        guard (try? ImageReference(text)) != nil else { return "'\(text)' is not a reference" }
        return isExact(text) ? nil : "'\(text)' has neither a tag nor a digest"
    }

    /// Why `text` isn't a repository; nil for nothing.
    static func problem(ofRepository text: String) -> String? {
        (try? Repository(text)) == nil ? "'\(text)' is not a repository; write it without a tag or digest" : nil
    }

    /// Why `text` isn't the beginning of repositories' names: a host, or more; nil for nothing.
    static func problem(ofPrefix text: String) -> String? {
        guard let repository = try? Repository(text + "/x/x"), ContainersPolicy.name(of: repository) == text + "/x/x"
        else {
            return "'\(text)' is not a host, or a host and a path, in lower case: no repository begins with it"
        }
        return nil
    }
}
