import ContainerImage
import KubernetesYAML

/// hauler: documents of the kinds Images, Charts and Files.
extension MirrorImport {
    mutating func readHauler(_ documents: [YAMLValue]) -> Bool {
        var isHauler = false
        for document in documents {
            guard document["apiVersion"]?.stringValue?.hasPrefix("content.hauler.cattle.io/") == true else {
                remarks.append("a document of the kind \(document["kind"]?.stringValue ?? "?")")
                continue
            }
            isHauler = true
            let spec = document["spec"]?.mapValue ?? [:]
            switch document["kind"]?.stringValue {
            case "Images":
                let annotations = document["metadata"]?["annotations"]?.mapValue ?? [:]
                if let platform = annotations["hauler.dev/platform"]?.stringValue { takePlatform(platform) }
                for key in annotations.keys where key != "hauler.dev/platform" { remarks.append("annotation \(key)") }
                for image in spec["images"]?.listValue ?? [] {
                    guard let map = image.mapValue, let name = map["name"]?.stringValue else { continue }
                    if let platform = map["platform"]?.stringValue { takePlatform(platform) }
                    note(keysOf: map, except: ["name", "platform"], in: name)
                    add(image: name)
                }
            case "Charts":
                for chart in spec["charts"]?.listValue ?? [] {
                    let name = chart["name"]?.stringValue ?? "?"
                    let place = chart["repoURL"]?.stringValue ?? ""
                    remarks.append("chart \(name) \(place): pull it, and name the file under charts")
                }
            case let kind: remarks.append("a document of the kind \(kind ?? "?")")
            }
        }
        return isHauler
    }

    private mutating func takePlatform(_ text: String) {
        var platforms = settings["platforms"]?.listValue ?? []
        if !platforms.contains(.string(text)) { platforms.append(.string(text)) }
        if platforms.count == 2 { remarks.append("platforms of single images: all images get all of the platforms") }
        settings["platforms"] = .list(platforms)
    }
}
