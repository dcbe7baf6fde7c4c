import ContainerImage
import KubernetesYAML

/// oc-mirror: `mirror` of an ImageSetConfiguration.
extension MirrorImport {
    mutating func readImageSet(_ documents: [YAMLValue]) -> Bool {
        guard let document = documents.first, document["kind"]?.stringValue == "ImageSetConfiguration",
            let mirror = document["mirror"]?.mapValue
        else { return false }
        note(keysOf: document.mapValue ?? [:], except: ["apiVersion", "kind", "metadata", "mirror"], in: "the file")
        for image in mirror["additionalImages"]?.listValue ?? [] {
            if let name = image["name"]?.stringValue { add(image: name) }
        }
        let blocked = (mirror["blockedImages"]?.listValue ?? []).compactMap { $0["name"]?.stringValue }
        images.removeAll { image in image["image"]?.stringValue.map(blocked.contains) == true }
        var charts: [YAMLValue] = []
        let helm = mirror["helm"]?.mapValue ?? [:]
        for chart in helm["local"]?.listValue ?? [] {
            if let path = chart["path"]?.stringValue { charts.append(.string(path)) }
        }
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
}
