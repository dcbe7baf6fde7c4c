import KbldConfiguration
import KubernetesYAML

extension ReferenceSearch {
    /// The value with its references replaced; nil if there are none, so that nothing is copied in vain.
    func replaced<Failure: Error>(
        _ value: YAMLValue,
        at place: inout Place,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> YAMLValue? {
        switch value {
        case .map(let map):
            guard finders.isEmpty else { return try replacedByFinders(map, at: &place, replacement).map(YAMLValue.map) }
            var result: YAMLMap?
            for (position, entry) in map.enumerated() {
                let outer = place.enter(key: entry.key)
                let change = try replaced(matching: entry.value, at: &place, replacement)
                place.leave(to: outer)
                guard let change else { continue }
                if result == nil { result = map }
                result?.replaceValue(at: position, with: change)
            }
            return result.map(YAMLValue.map)
        case .list(let list):
            var result: [YAMLValue]?
            for (position, child) in list.enumerated() {
                let outer = place.enter(index: position)
                let change =
                    finders.isEmpty
                    ? try replaced(matching: child, at: &place, replacement)
                    : try replacedByFinders(list, position, at: &place, replacement)
                place.leave(to: outer)
                guard let change else { continue }
                if result == nil { result = list }
                result?[position] = change
            }
            return result.map(YAMLValue.list)
        default: return nil
        }
    }

    func replaced<Failure: Error>(
        matching value: YAMLValue,
        at place: inout Place,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> YAMLValue? {
        guard case .string(let text) = value else { return try replaced(value, at: &place, replacement) }
        guard let strategy = strategy(for: text, at: place) else {
            return finders.isEmpty ? nil : try replacedByFinders(text, at: place, replacement).map(YAMLValue.string)
        }
        switch strategy {
        case .none: return nil
        case .entireValue: return try replacement(text).map(YAMLValue.string)
        case .json(let rules):
            guard let nested = NestedText(json: text) else { return nil }
            return .string(try nested.replace(with: ReferenceSearch(rules: rules), replacement))
        case .yaml(let rules):
            let search = ReferenceSearch(rules: rules)
            // A text without references may be anything that can be read as YAML: a script, a key.
            guard let nested = NestedText(yaml: text), !nested.collect(with: search).isEmpty else { return nil }
            return .string(try nested.replace(with: search, replacement))
        }
    }
}
