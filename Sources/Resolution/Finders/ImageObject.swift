import KbldConfiguration
import KubernetesYAML

/// An image that several fields of a map name together.
struct ImageObject {
    /// The reference that they make.
    let reference: String
    /// The fields.
    let keys: Set<String>
    private let form: Form

    private enum Form {
        /// `repository`, `tag` or `digest`, and perhaps `registry`.
        case repository
        /// `baseImage`, `tag` or `sha`.
        case baseImage
        /// An entry of a kustomization's images.
        case kustomization
        /// Flux's OCIRepository: `url`, and `ref` with a tag or digest.
        case artifact
    }

    /// The image that `map` names; nil where it names none in a form that is looked for.
    init?(_ map: YAMLMap, in surroundings: Surroundings, _ finders: Set<ImageFinder>) {
        if finders.contains(.objects), let repository = map.text("repository") {
            let name = (map.text("registry").map { $0 + "/" } ?? "") + repository
            self.init(name, tag: map.text("tag"), digest: map.text("digest"), .repository)
        } else if finders.contains(.crds), let name = map.text("baseImage") {
            self.init(name, tag: map.text("tag"), digest: map.text("sha").map { "sha256:\($0)" }, .baseImage)
        } else if finders.contains(.kustomizations), surroundings.outerKey == "images",
            map["newTag"] != nil || map["digest"] != nil, let name = map.text("newName") ?? map.text("name")
        {
            self.init(name, tag: map.text("newTag"), digest: map.text("digest"), .kustomization)
        } else if finders.contains(.oci), let url = map.text("url"), url.hasPrefix("oci://"),
            case .map(let version)? = map["ref"]
        {
            self.init(
                String(url.dropFirst(6)),
                tag: version.text("tag"),
                digest: version.text("digest"),
                .artifact
            )
        } else {
            return nil
        }
    }

    private init?(_ name: String, tag: String?, digest: String?, _ form: Form) {
        guard tag != nil || digest != nil else { return nil }
        var reference = name
        if let tag { reference += ":" + tag }
        if let digest, tag?.contains("@") != true { reference += "@" + digest }
        guard ReferenceShape.isReference(reference) else { return nil }
        self.reference = reference
        self.form = form
        keys =
            switch form {
            case .repository: ["registry", "repository", "tag", "digest"]
            case .baseImage: ["baseImage", "tag", "sha"]
            case .kustomization: ["name", "newName", "newTag", "digest"]
            case .artifact: ["url", "ref"]
            }
    }

    /// Puts another reference in its place in `map`. A tag that there is stays beside a digest.
    func write(_ reference: String, to map: inout YAMLMap) {
        let parts = reference.split(separator: "@", maxSplits: 1).map(String.init)
        guard let first = parts.first else { return }
        let (name, tag) = Self.split(first)
        let digest = parts.count == 2 ? parts[1] : nil
        switch form {
        case .repository:
            if map.text("registry") != nil {
                map["registry"] = .string(String(name.prefix { $0 != "/" }))
                map["repository"] = .string(String(name.drop { $0 != "/" }.dropFirst()))
            } else {
                map["repository"] = .string(name)
            }
            let written = tag ?? map.text("tag").map { String($0.prefix { $0 != "@" }) }
            guard let digest else {
                if let written { map["tag"] = .string(written) }
                if map["digest"] != nil { map["digest"] = .string("") }
                return
            }
            if map["digest"] != nil {
                map["digest"] = .string(digest)
            } else {
                map["tag"] = .string("\(written ?? "")@\(digest)")
            }
        case .baseImage:
            map["baseImage"] = .string(name)
            map["sha"] = digest.map { .string(String($0.drop { $0 != ":" }.dropFirst())) }
            if digest == nil, let tag { map["tag"] = .string(tag) }
        case .kustomization:
            map["newName"] = .string(name)
            map["digest"] = digest.map(YAMLValue.string)
            if digest == nil, let tag { map["newTag"] = .string(tag) }
        case .artifact:
            map["url"] = .string("oci://" + name)
            guard case .map(var version)? = map["ref"] else { return }
            version["digest"] = digest.map(YAMLValue.string)
            if digest == nil, let tag { version["tag"] = .string(tag) }
            map["ref"] = .map(version)
        }
    }

    private static func split(_ name: String) -> (name: String, tag: String?) {
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return (name, nil) }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]))
    }
}

extension YAMLMap {
    /// The text or number of a key, unless it is empty.
    fileprivate func text(_ key: String) -> String? {
        switch self[key] {
        case .string(let text)? where !text.isEmpty: text
        case .integer(let text)?: text
        default: nil
        }
    }
}
