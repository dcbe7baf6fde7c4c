import KbldConfiguration
import ManifestYAML

extension ReferenceSearch {
    /// The value with its references replaced; nil where there are none, so that nothing is copied in vain.
    func replaced<Failure: Error>(
        _ value: YAMLValue,
        at place: inout Place,
        _ replacement: (String) throws(Failure) -> String
    ) throws(Failure) -> YAMLValue? {
        switch value {
        case .map(let map):
            var changes: [(key: String, value: YAMLValue)] = []
            for (key, child) in map {
                place.enter(key: key)
                let change = try replaced(matching: child, at: &place, replacement)
                place.leave()
                if let change { changes.append((key, change)) }
            }
            guard !changes.isEmpty else { return nil }
            var result = map
            for change in changes { result[change.key] = change.value }
            return .map(result)
        case .list(let list):
            var changes: [(index: Int, value: YAMLValue)] = []
            for (index, child) in list.enumerated() {
                place.enter(index: index)
                let change = try replaced(matching: child, at: &place, replacement)
                place.leave()
                if let change { changes.append((index, change)) }
            }
            guard !changes.isEmpty else { return nil }
            var result = list
            for change in changes { result[change.index] = change.value }
            return .list(result)
        default: return nil
        }
    }

    private func replaced<Failure: Error>(
        matching value: YAMLValue,
        at place: inout Place,
        _ replacement: (String) throws(Failure) -> String
    ) throws(Failure) -> YAMLValue? {
        guard let strategy = strategy(for: value, at: place) else {
            return try replaced(value, at: &place, replacement)
        }
        guard case .string(let text) = value else { return try replaced(value, at: &place, replacement) }
        switch strategy {
        case .none: return nil
        case .entireValue: return .string(try replacement(text))
        case .json(let rules):
            guard let nested = NestedText(json: text) else { return nil }
            return .string(try nested.replace(with: ReferenceSearch(rules: rules), replacement))
        case .yaml(let rules):
            guard let nested = NestedText(yaml: text) else { return nil }
            return .string(try nested.replace(with: ReferenceSearch(rules: rules), replacement))
        }
    }
}
