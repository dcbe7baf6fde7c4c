import ContainerImage

/// A file in the form of containers-registries.conf(5), as podman, skopeo and CRI-O read it.
public struct RegistriesConf: Sendable {
    let rules: [MirrorRules.Rule]

    private static let keys: Set<String> = [
        "additional-layer-store-auth-helper", "aliases", "credential-helpers", "registry", "short-name-mode",
        "unqualified-search-registries",
    ]
    private static let registryKeys: Set<String> = [
        "blocked", "insecure", "location", "mirror", "mirror-by-digest-only", "prefix",
    ]
    private static let mirrorKeys: Set<String> = ["insecure", "location", "pull-from-mirror"]

    /// Parses the text of the file at `path`. Short names and helpers are of no concern here.
    ///
    /// - Throws: `MirrorFileError` naming the file and the line.
    public init(_ text: String, path: String) throws(MirrorFileError) {
        do {
            rules = try Self.rules(in: TOMLNode(parsing: text), path)
        } catch {
            var error = error
            error.path = path
            throw error
        }
    }

    private static func rules(in root: TOMLNode, _ path: String) throws(MirrorFileError) -> [MirrorRules.Rule] {
        if let old = try root.table("the file").first(where: { $0.key == "registries" }) {
            throw MirrorFileError(
                "it is in version 1 of the format, which has [registries.search]; write it in version 2, with "
                    + "[[registry]]",
                line: old.node.line
            )
        }
        var rules: [MirrorRules.Rule] = []
        for (key, node) in try root.table("", keys: keys) where key == "registry" {
            for item in try node.items("registry") {
                let rule = try rule(item, path)
                if let other = rules.first(where: { $0.pattern == rule.pattern }), other.isBlocked != rule.isBlocked {
                    throw MirrorFileError("the same prefix is blocked in \(other.place), and not here", line: item.line)
                }
                rules.append(rule)
            }
        }
        return rules
    }

    private static func rule(_ node: TOMLNode, _ path: String) throws(MirrorFileError) -> MirrorRules.Rule {
        var prefix: (text: String, line: Int)?
        var location: (text: String, line: Int)?
        var (isInsecure, isBlocked, isByDigestOnly) = (false, false, false)
        var mirrors: [TOMLNode] = []
        for (key, value) in try node.table("[[registry]]", keys: registryKeys) {
            switch key {
            case "prefix": prefix = (try value.string(key), value.line)
            case "location": location = (try value.string(key), value.line)
            case "insecure": isInsecure = try value.boolean(key)
            case "blocked": isBlocked = try value.boolean(key)
            case "mirror-by-digest-only": isByDigestOnly = try value.boolean(key)
            default: mirrors = try value.items("mirror")
            }
        }
        if location?.text.isEmpty == true { location = nil }
        if prefix?.text.isEmpty == true { prefix = nil }
        guard let named = prefix ?? location else {
            throw MirrorFileError("[[registry]] needs a prefix or a location", line: node.line)
        }
        guard let pattern = MirrorPattern(named.text) else {
            throw MirrorFileError("'\(named.text)' is not a host, host/path or *.host", line: named.line)
        }
        var rule = MirrorRules.Rule(pattern: pattern, isBlocked: isBlocked, place: "'\(path)', line \(node.line)")
        for mirror in mirrors { rule.mirrors.append(try endpoint(mirror, byDigestOnly: isByDigestOnly)) }
        if let location, prefix != nil || isInsecure {
            rule.origin = try endpoint(location)
        } else if isInsecure, !named.text.hasPrefix("*.") {
            rule.origin = try endpoint(named)
        }
        rule.origin?.isInsecure = isInsecure
        return rule
    }

    private static func endpoint(_ location: (text: String, line: Int)) throws(MirrorFileError) -> MirrorEndpoint {
        guard !location.text.contains("://"), let endpoint = MirrorEndpoint(location.text) else {
            throw MirrorFileError("'\(location.text)' is not a host or host/path", line: location.line)
        }
        return endpoint
    }

    private static func endpoint(
        _ node: TOMLNode,
        byDigestOnly isByDigestOnly: Bool
    ) throws(MirrorFileError) -> MirrorEndpoint {
        var location: (text: String, line: Int)?
        var isInsecure = false
        var answers = isByDigestOnly ? MirrorEndpoint.Answers.digests : .all
        for (key, value) in try node.table("[[registry.mirror]]", keys: mirrorKeys) {
            switch key {
            case "location": location = (try value.string(key), value.line)
            case "insecure": isInsecure = try value.boolean(key)
            default:
                guard !isByDigestOnly else {
                    throw MirrorFileError("pull-from-mirror contradicts mirror-by-digest-only", line: value.line)
                }
                switch try value.string(key) {
                case "all", "": answers = .all
                case "digest-only": answers = .digests
                case "tag-only": answers = .tags
                default: throw value.wrong(key, "all, digest-only or tag-only")
                }
            }
        }
        guard let location else { throw MirrorFileError("[[registry.mirror]] needs a location", line: node.line) }
        var endpoint = try endpoint(location)
        endpoint.isInsecure = isInsecure
        endpoint.answers = answers
        return endpoint
    }
}
