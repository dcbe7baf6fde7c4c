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
                let registry = annotations["hauler.dev/registry"]?.stringValue
                for key in annotations.keys where !["hauler.dev/platform", "hauler.dev/registry"].contains(key) {
                    remarks.append("annotation \(key)")
                }
                for image in spec["images"]?.listValue ?? [] {
                    guard let map = image.mapValue, let name = map["name"]?.stringValue else { continue }
                    if let platform = map["platform"]?.stringValue { takePlatform(platform) }
                    note(keysOf: map, except: ["name", "platform"], in: name)
                    addStored(name, from: registry)
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

    /// `hauler store copy` leaves the registries out of images' names.
    private mutating func addStored(_ name: String, from registry: String?) {
        let first = name.prefix { $0 != "/" }
        let isBare = first.endIndex == name.endIndex || !first.contains { ".:".contains($0) } && first != "localhost"
        let text = isBare ? registry.map { "\($0)/\(name)" } ?? name : name
        guard let source = try? ImageReference(text) else { return remarks.append(text) }
        add(image: text, to: .path(source.repository.path))
    }

    private mutating func takePlatform(_ text: String) {
        var platforms = settings["platforms"]?.listValue ?? []
        if !platforms.contains(.string(text)) { platforms.append(.string(text)) }
        if platforms.count == 2 { remarks.append("platforms of single images: all images get all of the platforms") }
        settings["platforms"] = .list(platforms)
    }
}
