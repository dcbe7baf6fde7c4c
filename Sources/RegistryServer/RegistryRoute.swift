import ContainerImage
import HTTPTypes

/// What a request's path means: OCI distribution specification, "Endpoints".
enum RegistryRoute: Equatable {
    case base
    case catalog
    case tags(repository: String)
    case manifest(repository: String, reference: ManifestReference)
    case blob(repository: String, digest: Digest)
    case uploads(repository: String)
    case upload(repository: String, id: String)
    case referrers(repository: String, digest: Digest)

    /// The last part of a manifest's path.
    enum ManifestReference: Equatable {
        case tag(String)
        case digest(Digest)

        var text: String {
            switch self {
            case .tag(let tag): tag
            case .digest(let digest): digest.description
            }
        }
    }

    /// Parses a path without its query.
    ///
    /// - Throws: `RegistryResponseError` for a malformed name, digest or tag, and for a path that means nothing.
    init(path: String) throws(RegistryResponseError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        guard parts.first == "v2" else { throw .notFound }
        if parts.count == 1 {
            self = .base
            return
        }
        if parts == ["v2", "_catalog"] {
            self = .catalog
            return
        }
        let tail = parts.suffix(2)
        func repository(dropping count: Int) throws(RegistryResponseError) -> String {
            let name = parts.dropFirst().dropLast(count).joined(separator: "/")
            guard Self.isName(name) else { throw .nameInvalid(name) }
            return name
        }
        if parts.count >= 4, tail == ["tags", "list"] {
            self = .tags(repository: try repository(dropping: 2))
        } else if parts.count >= 4, tail == ["blobs", "uploads"] {
            self = .uploads(repository: try repository(dropping: 2))
        } else if parts.count >= 5, parts[parts.count - 3] == "blobs", parts[parts.count - 2] == "uploads" {
            self = .upload(repository: try repository(dropping: 3), id: parts[parts.count - 1])
        } else if parts.count >= 4, let last = tail.last {
            let name = try repository(dropping: 2)
            switch tail.first {
            case "manifests": self = .manifest(repository: name, reference: try Self.reference(last))
            case "blobs": self = .blob(repository: name, digest: try Self.digest(last))
            case "referrers": self = .referrers(repository: name, digest: try Self.digest(last))
            default: throw .notFound
            }
        } else {
            throw .notFound
        }
    }

    /// The same of another repository.
    func renamed(_ rename: (String) -> String) -> RegistryRoute {
        switch self {
        case .base, .catalog: self
        case .tags(let name): .tags(repository: rename(name))
        case .manifest(let name, let reference): .manifest(repository: rename(name), reference: reference)
        case .blob(let name, let digest): .blob(repository: rename(name), digest: digest)
        case .uploads(let name): .uploads(repository: rename(name))
        case .upload(let name, let id): .upload(repository: rename(name), id: id)
        case .referrers(let name, let digest): .referrers(repository: rename(name), digest: digest)
        }
    }

    /// What may be done with it.
    ///
    /// - Parameter isWritable: Whether the registry takes pushes.
    func methods(isWritable: Bool) -> [HTTPRequest.Method] {
        let reading: [HTTPRequest.Method] = [.get, .head]
        return switch self {
        case .base, .catalog, .tags, .referrers: reading
        case .manifest: isWritable ? reading + [.put, .delete] : reading
        case .blob: isWritable ? reading + [.delete] : reading
        case .uploads: isWritable ? [.post] : []
        case .upload: isWritable ? [.get, .patch, .put, .delete] : []
        }
    }

    private static func reference(_ text: String) throws(RegistryResponseError) -> ManifestReference {
        if text.contains(":") { return .digest(try digest(text)) }
        return .tag(try tag(text))
    }

    /// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`: a client may ask for less.
    static func tag(_ text: String) throws(RegistryResponseError) -> String {
        guard let tag = try? Tag(text), !tag.name.hasPrefix("."), !tag.name.hasPrefix("-") else {
            throw .tagInvalid(text)
        }
        return tag.name
    }

    static func digest(_ text: String) throws(RegistryResponseError) -> Digest {
        do {
            return try Digest(text)
        } catch {
            throw .digestInvalid(text)
        }
    }

    /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/…)*`, at most 255 characters.
    static func isName(_ name: String) -> Bool {
        guard (1...255).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last else { return false }
            let separators = part.utf8.split(omittingEmptySubsequences: true, whereSeparator: isLetterOrDigit)
            return isLetterOrDigit(first) && isLetterOrDigit(last)
                && separators.allSatisfy { run in
                    let text = String(decoding: run, as: UTF8.self)
                    return text == "." || text == "_" || text == "__" || text.allSatisfy { $0 == "-" }
                }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte)
    }
}
