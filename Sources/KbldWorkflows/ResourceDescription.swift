package import KubernetesYAML

/// What a resource is, in a line: `pod/web (v1) namespace: prod`.
package enum ResourceDescription {
    /// The line.
    package static func text(of resource: YAMLValue) -> String {
        let kind = resource["kind"]?.stringValue ?? ""
        let version = resource["apiVersion"]?.stringValue ?? ""
        var name = resource["metadata"]?["name"]?.stringValue ?? ""
        // The cluster completes such a name.
        if name.isEmpty, let start = resource["metadata"]?["generateName"]?.stringValue, !start.isEmpty {
            name = start + "*"
        }
        let namespace = resource["metadata"]?["namespace"]?.stringValue ?? ""
        let place = namespace.isEmpty ? "cluster" : "namespace: \(namespace)"
        return "\(kind.lowercased())/\(name) (\(version)) \(place)"
    }
}
