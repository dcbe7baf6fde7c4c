import KbldConfiguration
import KubernetesYAML

extension ReferenceSearch {
    func collect(in value: YAMLValue, at place: inout Place, into found: inout [String]) {
        switch value {
        case .map(let map):
            for (key, child) in map {
                let outer = place.enter(key: key)
                collect(matching: child, at: &place, into: &found)
                place.leave(to: outer)
            }
        case .list(let list):
            for (index, child) in list.enumerated() {
                let outer = place.enter(index: index)
                collect(matching: child, at: &place, into: &found)
                place.leave(to: outer)
            }
        default: break
        }
    }

    private func collect(matching value: YAMLValue, at place: inout Place, into found: inout [String]) {
        // Rules are for texts; what else they match is searched further as if they didn't.
        guard case .string(let text) = value else { return collect(in: value, at: &place, into: &found) }
        switch strategy(for: text, at: place) {
        case nil, .some(.none): break
        case .entireValue: found.append(text)
        case .json(let rules): found += NestedText(json: text)?.collect(with: ReferenceSearch(rules: rules)) ?? []
        case .yaml(let rules): found += NestedText(yaml: text)?.collect(with: ReferenceSearch(rules: rules)) ?? []
        }
    }
}
