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
                    "source", "target", "type", "tags", "tagSets", "referrers", "digestTags", "platforms",
                    "includeExternal",
                ],
                in: "\(place) (\(source))"
            )
            readCompanions(map)
            switch map["type"]?.stringValue {
            case "image": addStep(image: source, to: goal, place)
            case "repository": addStep(repository: source, to: goal, map, place)
            case let type: remarks.append("\(place): \(source), of the type \(type ?? "registry")")
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

    private mutating func addStep(image source: String, to goal: String, _ place: String) {
        guard let from = try? ImageReference(source), let to = try? ImageReference(goal) else {
            return remarks.append("\(place): \(source) to \(goal)")
        }
        guard from.identifier == to.identifier || Self.isUntagged(goal) else {
            return remarks.append("\(place): \(source) under another tag, \(goal)")
        }
        add(image: source, to: .repository(to.repository))
    }

    private mutating func addStep(repository source: String, to goal: String, _ map: YAMLMap, _ place: String) {
        guard let to = try? Repository(goal) else { return remarks.append("\(place): \(source) to \(goal)") }
        // A tag need be in one of the sets.
        let sets = (map["tagSets"]?.listValue ?? []) + (map["tags"].map { [$0] } ?? [])
        if sets.isEmpty { add(repository: source, tags: nil, to: .repository(to)) }
        for tags in sets.compactMap({ tags($0, place) }) {
            add(repository: source, tags: tags, to: .repository(to))
        }
    }

    static func isUntagged(_ text: String) -> Bool {
        !text.contains("@") && text.split(separator: "/").last?.contains(":") != true
    }

    private mutating func tags(_ value: YAMLValue, _ place: String) -> YAMLValue? {
        guard let map = value.mapValue else { return nil }
        note(keysOf: map, except: ["allow", "deny", "semverRange"], in: "\(place): tags")
        var tags: [String: YAMLValue] = [:]
        // regsync anchors its expressions, of which only the first and the last alternative have an anchor then.
        for (key, name) in [("allow", "regex"), ("deny", "exceptRegex")] {
            let texts = map[key].map { $0.listValue ?? [$0] } ?? []
            guard !texts.isEmpty else { continue }
            tags[name] = .list(
                texts.map { text in
                    switch text {
                    case .string(let text): .string(text.contains("|") ? Self.whole("^\(text)$") : text)
                    default: text
                    }
                }
            )
        }
        if let range = map["semverRange"] {
            let ranges = range.listValue?.compactMap(\.stringValue) ?? range.stringValue.map { [$0] } ?? []
            let text = ranges.joined(separator: " || ")
            guard (try? VersionRange(text)) != nil else {
                remarks.append("\(place): semverRange \(text)")
                return nil
            }
            tags["semver"] = .string(text)
            tags["shortVersions"] = true
            tags["prereleases"] = true
            let remark =
                "versions with a hyphen at the ends of ranges: regsync has 2.0.0-rc1 in <2.0.0, and not in >=2.0.0"
            if !remarks.contains(remark) { remarks.append(remark) }
        }
        return tags.isEmpty ? nil : .map(YAMLMap(tags))
    }
}
