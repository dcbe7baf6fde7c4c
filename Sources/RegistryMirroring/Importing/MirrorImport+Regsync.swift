import ContainerImage
import ImageTransfer
import KubernetesYAML

/// regsync: `sync` has a source and a target each.
extension MirrorImport {
    mutating func readRegsync(_ documents: [YAMLValue]) -> Bool {
        guard let root = documents.first?.mapValue, let steps = root["sync"]?.listValue else { return false }
        note(keysOf: root, except: ["version", "sync", "defaults", "x-", "creds"], in: "regsync")
        if root["creds"] != nil { remarks.append("creds: log in to the registries instead") }
        let defaults = root["defaults"]?.mapValue ?? [:]
        note(
            keysOf: defaults,
            except: ["referrers", "digestTags", "platforms", "includeExternal", "parallel", "skipDockerConfig"],
            in: "defaults"
        )
        readCompanions(defaults)
        for (position, step) in steps.enumerated() {
            let place = "sync[\(position)]"
            guard let map = step.mapValue, let source = map["source"]?.stringValue,
                let goal = map["target"]?.stringValue
            else {
                remarks.append("\(place): it has no source and target")
                continue
            }
            note(
                keysOf: map,
                except: [
                    "source", "target", "type", "tags", "referrers", "digestTags", "platforms", "includeExternal",
                ],
                in: "\(place) (\(source))"
            )
            readCompanions(map)
            switch map["type"]?.stringValue {
            case "image":
                guard fits(source, goal, place) else { continue }
                add(image: source)
            case "repository":
                guard fits(source, goal, place) else { continue }
                add(repository: source, tags: Self.tags(map["tags"]))
            default: remarks.append("\(place): \(source), of the type \(map["type"]?.stringValue ?? "registry")")
            }
        }
        return true
    }

    private mutating func readCompanions(_ map: YAMLMap) {
        var companions = settings["companions"]?.listValue ?? []
        for (key, name) in [("referrers", "referrers"), ("digestTags", "cosign")] where map[key]?.boolValue == true {
            if !companions.contains(.string(name)) { companions.append(.string(name)) }
        }
        if !companions.isEmpty { settings["companions"] = .list(companions) }
        if map["includeExternal"]?.boolValue == true { settings["includeNonDistributable"] = true }
        guard let platforms = map["platforms"] else { return }
        if settings["platforms"] == nil || settings["platforms"] == platforms {
            settings["platforms"] = platforms
        } else {
            remarks.append("other platforms for some images than for others")
        }
    }

    private static func tags(_ value: YAMLValue?) -> YAMLValue? {
        guard let map = value?.mapValue else { return nil }
        var tags: [String: YAMLValue] = [:]
        // regsync anchors its expressions.
        tags["regex"] = map["allow"]
        tags["exceptRegex"] = map["deny"]
        if let range = map["semverRange"] {
            let ranges = range.listValue?.compactMap(\.stringValue) ?? range.stringValue.map { [$0] } ?? []
            tags["semver"] = .string(ranges.joined(separator: " || "))
        }
        return .map(tags)
    }

    /// Whether an image goes where the document's layout puts it. The first tells target and layout.
    mutating func fits(_ source: String, _ goal: String, _ place: String) -> Bool {
        guard let from = try? ImageReference(source), let to = try? ImageReference(goal) else {
            remarks.append("\(place): \(source) to \(goal)")
            return false
        }
        let hasTag = goal.split(separator: "/").last?.contains(":") == true && !goal.contains("@")
        if hasTag, from.identifier != to.identifier {
            remarks.append("\(place): \(source) under another tag, \(goal)")
            return false
        }
        if target == nil { findTarget(from.repository, to.repository) }
        guard let target, let layout = settings["layout"]?.stringValue.flatMap(RepositoryLayout.init(rawValue:)),
            let expected = try? Self.destination(of: from.repository, layout, below: target),
            expected == to.repository
        else {
            remarks.append("\(place): \(source) to \(goal), which is not where the layout puts it")
            return false
        }
        return true
    }

    private mutating func findTarget(_ source: Repository, _ goal: Repository) {
        let host = source.registry == .dockerHub ? "docker.io" : source.registry.name
        for (layout, path) in [
            (RepositoryLayout.mirrorWithHost, "/\(host)/\(source.path)"), (.mirror, "/\(source.path)"),
        ]
        where goal.description.hasSuffix(path) {
            let root = String(goal.description.dropLast(path.count))
            guard (try? Self.destination(of: source, layout, below: root)) == goal else { continue }
            target = root
            settings["layout"] = .string(layout.rawValue)
            return
        }
        target = goal.description
        settings["layout"] = .string(RepositoryLayout.flat.rawValue)
    }

    private static func destination(
        of source: Repository,
        _ layout: RepositoryLayout,
        below root: String
    ) throws(ReferenceError) -> Repository {
        if !root.contains("/") {
            return try layout.repository(for: source, below: RepositoryRoot(try RegistryHost(root)))
        }
        return try layout.repository(for: source, below: try Repository(root))
    }
}
