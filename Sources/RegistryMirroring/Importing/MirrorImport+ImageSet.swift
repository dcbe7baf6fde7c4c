import ContainerImage
import KubernetesYAML

/// oc-mirror: `mirror` of an ImageSetConfiguration.
extension MirrorImport {
    mutating func readImageSet(_ documents: [YAMLValue]) -> Bool {
        guard let document = documents.first, document["kind"]?.stringValue == "ImageSetConfiguration",
            let mirror = document["mirror"]?.mapValue
        else { return false }
        note(keysOf: document.mapValue ?? [:], except: ["apiVersion", "kind", "metadata", "mirror"], in: "the file")
        let blocked = (mirror["blockedImages"]?.listValue ?? []).compactMap { $0["name"]?.stringValue }
        for image in mirror["additionalImages"]?.listValue ?? [] {
            guard let map = image.mapValue, let name = map["name"]?.stringValue, !Self.isBlocked(name, by: blocked)
            else {
                continue
            }
            note(keysOf: map, except: ["name", "targetRepo", "targetTag"], in: name)
            addAdditional(name, to: map["targetRepo"]?.stringValue, map["targetTag"]?.stringValue)
        }
        var charts: [YAMLValue] = []
        let helm = mirror["helm"]?.mapValue ?? [:]
        for chart in helm["local"]?.listValue ?? [] {
            if let path = chart["path"]?.stringValue { charts.append(.string(path)) }
        }
        if !charts.isEmpty, !blocked.isEmpty { remarks.append("blockedImages, among those of charts") }
        if !charts.isEmpty { images.append(.map(["charts": .list(charts)])) }
        for repository in helm["repositories"]?.listValue ?? [] {
            let charts = (repository["charts"]?.listValue ?? []).compactMap { $0["name"]?.stringValue }
            remarks.append(
                "charts of \(repository["url"]?.stringValue ?? "?") (\(charts.joined(separator: ", "))): pull them, and name "
                    + "the files under charts"
            )
        }
        for catalog in mirror["operators"]?.listValue ?? [] {
            remarks.append("operators of \(catalog["catalog"]?.stringValue ?? "?")")
        }
        note(
            keysOf: mirror,
            except: ["additionalImages", "blockedImages", "helm", "operators"],
            in: "mirror"
        )
        return true
    }

    /// oc-mirror leaves the registries out of images' names, and says `library/` only where the file does.
    private mutating func addAdditional(_ name: String, to repository: String?, _ tag: String?) {
        guard let source = try? ImageReference(name) else { return remarks.append(name) }
        guard tag == nil || tag == source.identifier else {
            return remarks.append("\(name) under another tag, \(tag ?? "")")
        }
        let bare = name.prefix { $0 != "@" }
        let isDigest = bare.endIndex != name.endIndex
        if isDigest { remarks.append("the tag that oc-mirror gives \(name); here it is kbld-sha256-…") }
        let path = source.repository.path
        let isShort = path.hasPrefix("library/") && !bare.contains("library/")
        add(image: name, to: .path(repository ?? (isShort ? String(path.dropFirst("library/".count)) : path)))
    }

    /// Names of blocked images are regular expressions.
    private static func isBlocked(_ name: String, by patterns: [String]) -> Bool {
        patterns.contains { pattern in
            do {
                return try Regex(pattern).firstMatch(in: name) != nil
            } catch {
                return pattern == name
            }
        }
    }
}
