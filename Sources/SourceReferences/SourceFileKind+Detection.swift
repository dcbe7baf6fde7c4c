import KubernetesYAML

extension SourceFileKind {
    /// The kind of a file by its path, else by what is in it; nil for one that isn't known to name images.
    public init?(detecting path: String, _ bytes: [UInt8]) {
        if let kind = Self(path: path) {
            self = kind
        } else if Self.isYAML(path) {
            guard let kind = Self(content: bytes, path: path) else { return nil }
            self = kind
        } else {
            return nil
        }
    }

    /// Whether a file of this name may name images, before anything of it is read.
    public static func isCandidate(_ path: String) -> Bool { Self(path: path) != nil || isYAML(path) }

    /// The kind that a file's name and folder say.
    public init?(path: String) {
        let parts = path.split(separator: "/").map { $0.lowercased() }
        guard let name = parts.last else { return nil }
        let folders = parts.dropLast()
        let isYAML = name.hasSuffix(".yml") || name.hasSuffix(".yaml")
        let stem = isYAML ? String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]) : name
        func isIn(_ path: String...) -> Bool { folders.suffix(path.count).elementsEqual(path) }
        switch name {
        case "dockerfile", "containerfile": self = .dockerfile
        case _ where ["dockerfile", "containerfile"].contains { name.hasPrefix($0 + ".") || name.hasPrefix($0 + "-") }:
            guard name != "dockerfile.dockerignore", !name.hasSuffix(".dockerignore"), !name.hasSuffix(".md") else {
                return nil
            }
            self = .dockerfile
        case _ where name.hasSuffix(".dockerfile") || name.hasSuffix(".containerfile"): self = .dockerfile
        case _ where name.hasSuffix(".container") || name.hasSuffix(".image") || name.hasSuffix(".volume"):
            self = .quadlet
        case "images.txt", "image-list.txt", "imagelist.txt": self = .list
        case _ where name.hasSuffix("-images.txt") || name.hasSuffix(".images.txt") || name.hasSuffix("_images.txt"):
            self = .list
        case "kustomization": self = .kustomize
        case "cloudbuild.json": self = .cloudbuild
        case _ where !isYAML: return nil
        case _ where isIn(".github", "workflows"): self = .github
        case _ where isIn(".circleci"): self = .circleci
        case _ where isIn(".woodpecker") || stem == ".woodpecker": self = .woodpecker
        case _ where folders.contains(".gitlab") || stem == ".gitlab-ci" || stem.hasSuffix(".gitlab-ci"): self = .gitlab
        case _ where stem == ".drone": self = .drone
        case _ where stem == "action": self = .github
        case _ where stem == "kustomization": self = .kustomize
        case _ where stem == "cloudbuild" || stem.hasPrefix("cloudbuild.") || stem.hasPrefix("cloudbuild-"):
            self = .cloudbuild
        case _
        where ["compose", "docker-compose"].contains {
            stem == $0 || stem.hasPrefix("\($0).") || stem.hasPrefix("\($0)-")
        }:
            self = .compose
        case _
        where stem == "values" || stem.hasPrefix("values-") || stem.hasPrefix("values.") || stem.hasSuffix("-values")
            || stem.hasSuffix(".values"):
            self = .helmValues
        default: return nil
        }
    }

    private static func isYAML(_ path: String) -> Bool {
        let path = path.lowercased()
        return path.hasSuffix(".yml") || path.hasSuffix(".yaml") || path.hasSuffix(".json")
    }

    /// The kind of a file of YAML or JSON; nil for JSON that isn't known. What can't be read is a Kubernetes document: so it
    /// isn't passed over.
    private init?(content bytes: [UInt8], path: String) {
        let isJSON = path.lowercased().hasSuffix(".json")
        guard let source = try? YAMLSource(bytes, file: path) else {
            if isJSON { return nil }
            self = .kubernetes
            return
        }
        for document in source.documents {
            if let kind = Self(YAMLCursor(source, at: document)) {
                self = kind
                return
            }
        }
        if isJSON { return nil }
        self = .kubernetes
    }

    /// The kind that a document is of; nil for one that could be anything.
    private init?(_ root: YAMLCursor) {
        let version = root["apiVersion"]?.text ?? ""
        let kind = root["kind"]?.text ?? ""
        if version.hasPrefix("tekton.dev/") {
            self = .tekton
        } else if version.hasPrefix("kustomize.config.k8s.io/") {
            self = .kustomize
        } else if !version.isEmpty, !kind.isEmpty {
            self = .kubernetes
        } else if root["services"]?.entries.contains(where: { $0.value["image"] != nil || $0.value["build"] != nil })
            == true
        {
            self = .compose
        } else if root["jobs"]?.isMap == true, root["on"] != nil || root["true"] != nil {
            self = .github
        } else if root["runs"]?["using"] != nil {
            self = .github
        } else if kind == "pipeline", root["steps"]?.isList == true {
            self = .drone
        } else if root["jobs"]?.entries.contains(where: { $0.value["docker"] != nil }) == true
            || root["executors"]?.entries.contains(where: { $0.value["docker"] != nil }) == true
        {
            self = .circleci
        } else if root["steps"]?.items.contains(where: { $0["name"] != nil && $0["args"] != nil && $0["image"] == nil })
            == true
        {
            self = .cloudbuild
        } else if root.entries.contains(where: { $0.value["script"]?.isList == true || $0.value["script"]?.text != nil }
        ),
            root["stages"] != nil || root["image"] != nil || root["default"] != nil
                || root.entries.contains(where: { $0.value["stage"] != nil || $0.value["image"] != nil })
        {
            self = .gitlab
        } else if root["steps"]?.values.contains(where: { $0["image"] != nil && $0["commands"] != nil }) == true
            || root["pipeline"]?.values.contains(where: { $0["image"] != nil }) == true
        {
            self = .woodpecker
        } else {
            return nil
        }
    }
}
