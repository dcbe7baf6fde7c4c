public import KbldConfiguration
public import KubernetesYAML

/// Where documents have references, in words.
public struct ReferencePlaces: Sendable {
    private var places: [String: (first: String, count: Int)] = [:]

    /// Looks for the references of `resources` by the rules of `configuration`.
    public init(_ configuration: Configuration, _ resources: [YAMLDocument]) {
        let update = ReferenceUpdate(configuration)
        for resource in resources {
            for reference in Set(update.references(in: resource)) {
                let known = places[reference]
                places[reference] = (known?.first ?? Self.name(of: resource), (known?.count ?? 0) + 1)
            }
        }
    }

    /// The file and the resource that have a reference: `app.yml, Deployment/shop`; nil where none has it.
    public func text(of reference: String) -> String? {
        places[reference].map { $0.first + ($0.count > 1 ? " and \($0.count - 1) more" : "") }
    }

    private static func name(of resource: YAMLDocument) -> String {
        let kind = resource.value["kind"]?.stringValue ?? ""
        let metadata = resource.value["metadata"]
        var name = metadata?["name"]?.stringValue ?? ""
        // The cluster completes such a name.
        if name.isEmpty, let start = metadata?["generateName"]?.stringValue, !start.isEmpty { name = start + "*" }
        let place = [kind, name].filter { !$0.isEmpty }.joined(separator: "/")
        return "\(resource.file), \(place.isEmpty ? "document \(resource.index)" : place)"
    }
}
