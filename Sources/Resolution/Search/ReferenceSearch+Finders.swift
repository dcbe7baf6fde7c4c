import KbldConfiguration
import KubernetesYAML

extension ReferenceSearch {
    /// The map with the references replaced that its fields make together, and those in its values; nil if there are none.
    func replacedByFinders<Failure: Error>(
        _ map: YAMLMap,
        at place: inout Place,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> YAMLMap? {
        let around = place.surroundings
        defer { place.surroundings = around }
        var inner = around
        inner.note(map, finders)
        var result: YAMLMap?
        let object = ImageObject(map, in: inner, finders)
        for (position, entry) in map.enumerated() where object?.keys.contains(entry.key) != true {
            let outer = place.enter(key: entry.key)
            place.surroundings = inner.entering(map, key: entry.key)
            let change = try replaced(matching: entry.value, at: &place, replacement)
            place.leave(to: outer)
            guard let change else { continue }
            if result == nil { result = map }
            result?.replaceValue(at: position, with: change)
        }
        guard let object, let change = try replacement(object.reference) else { return result }
        var changed = result ?? map
        object.write(change, to: &changed)
        return changed
    }

    /// The entry of a list with its references replaced; nil if there are none.
    func replacedByFinders<Failure: Error>(
        _ list: [YAMLValue],
        _ position: Int,
        at place: inout Place,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> YAMLValue? {
        let around = place.surroundings
        defer { place.surroundings = around }
        place.surroundings = around.entering(list, position: position)
        return try replaced(matching: list[position], at: &place, replacement)
    }

    /// The text with the references replaced that finders see in it; nil if there are none.
    func replacedByFinders<Failure: Error>(
        _ text: String,
        at place: Place,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> String? {
        switch TextFinding(text, in: place.surroundings, finders) {
        case nil: return nil
        case .whole: return try replacement(text)
        case .parts(let ranges):
            var result = ""
            var end = text.startIndex
            var isChanged = false
            for range in ranges {
                guard let change = try replacement(String(text[range])) else { continue }
                result += text[end..<range.lowerBound] + change
                end = range.upperBound
                isChanged = true
            }
            return isChanged ? result + text[end...] : nil
        case .nested:
            guard let search = nested, let documents = NestedText(yaml: text) else { return nil }
            return try replacedByFinders(text, documents, search, replacement)
        }
    }

    private func replacedByFinders<Failure: Error>(
        _ text: String,
        _ documents: NestedText,
        _ search: ReferenceSearch,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> String? {
        let before = documents.values
        var after: [YAMLValue] = []
        var changes: [String: String] = [:]
        for value in before {
            // A text isn't said to hold references: what isn't one was never meant, and what has no tag here may get one
            // from a field beside it.
            after.append(
                try search.replace(in: value) { reference throws(Failure) in
                    guard ReferenceShape.isReference(reference) else { return nil }
                    let change = try replacement(reference)
                    changes[reference] = change
                    return change
                }
            )
        }
        guard after != before else { return nil }
        let edited =
            NestedEdits.apply(to: text, from: before, to: after) ?? NestedEdits.apply(changes, to: text, meaning: after)
        if let edited { return edited }
        switch documents {
        case .json: return JSONWriter.compactText(of: after[0])
        case .jsonTexts: return after.map { JSONWriter.compactText(of: $0) + "\n" }.joined()
        // Written anew it would be another text to whoever reads it by other rules, and without its comments.
        case .yaml: return nil
        }
    }
}
