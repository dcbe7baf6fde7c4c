import KbldConfiguration
import ManifestYAML

extension ReferenceSearch {
    func collect(in value: YAMLValue, at place: inout Place) -> [String] {
        switch value {
        case .map(let map):
            var found: [String] = []
            for (key, child) in map {
                place.enter(key: key)
                found += collect(matching: child, at: &place)
                place.leave()
            }
            return found
        case .list(let list):
            var found: [String] = []
            for (index, child) in list.enumerated() {
                place.enter(index: index)
                found += collect(matching: child, at: &place)
                place.leave()
            }
            return found
        default: return []
        }
    }

    private func collect(matching value: YAMLValue, at place: inout Place) -> [String] {
        guard let strategy = strategy(for: value, at: place) else { return collect(in: value, at: &place) }
        guard case .string(let text) = value else { return collect(in: value, at: &place) }
        return switch strategy {
        case .none: []
        case .entireValue: [text]
        case .json(let rules): NestedText(json: text)?.collect(with: ReferenceSearch(rules: rules)) ?? []
        case .yaml(let rules): NestedText(yaml: text)?.collect(with: ReferenceSearch(rules: rules)) ?? []
        }
    }
}
