import KbldConfiguration
import KubernetesYAML

/// What is around a value, as far as finders ask for it.
struct Surroundings {
    /// The map or list that has the value.
    var container = Container.none
    /// The key of the value, or of the nearest map above the list that has it.
    var key = ""
    /// The key under which the container is.
    var outerKey = ""
    /// The kind of the resource that this is in, and whether that has an API group.
    var kind = ""
    var isInGroup = false
    /// The fields of custom resources that may still be reached from here.
    var fields: [CustomResourceFields.Field] = []

    enum Container {
        case none
        case map(YAMLMap)
        case list([YAMLValue], position: Int)
    }

    /// What is around the value of `key` in `map`, which this is around.
    func entering(_ map: YAMLMap, key: String) -> Surroundings {
        var inner = self
        inner.container = .map(map)
        inner.outerKey = self.key
        inner.key = key
        inner.fields = fields.compactMap { $0.advanced(by: key) }
        return inner
    }

    /// What is around an entry of `list`, which this is around.
    func entering(_ list: [YAMLValue], position: Int) -> Surroundings {
        var inner = self
        inner.container = .list(list, position: position)
        inner.outerKey = key
        inner.fields = fields.compactMap { $0.advanced(by: "*") }
        return inner
    }

    /// What is known where `map` is a resource.
    mutating func note(_ map: YAMLMap, _ finders: Set<ImageFinder>) {
        guard case .string(let version)? = map["apiVersion"], case .string(let kind)? = map["kind"] else { return }
        self.kind = kind
        isInGroup = version.contains("/")
        guard finders.contains(.crds) else { return }
        fields += CustomResourceFields.fields(of: version, kind)
    }
}
