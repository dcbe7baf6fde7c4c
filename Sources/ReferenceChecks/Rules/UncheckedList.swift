import ContainerImage

/// What couldn't be checked, each reference once for each reason.
struct UncheckedList {
    private struct Key: Hashable {
        var reference: String
        var reason: HintedText
    }

    private var entries: [Key: UncheckedReference] = [:]
    private var places: [Key: Set<String>] = [:]

    mutating func add(_ rule: CheckRule, _ reference: CheckedReference, _ reason: HintedText) {
        let key = Key(reference: reference.text, reason: reason)
        var entry =
            entries[key]
            ?? UncheckedReference(
                rules: [],
                reference: reference.text,
                path: reference.path,
                region: reference.region,
                placeCount: 0,
                reason: reason
            )
        if !entry.rules.contains(rule) { entry.rules.append(rule) }
        places[key, default: []].insert("\(reference.place):\(reference.region.column)")
        entry.placeCount = places[key]?.count ?? 1
        entries[key] = entry
    }

    /// By reference.
    var sorted: [UncheckedReference] {
        entries.values.sorted {
            ($0.reference, $0.reason.description) < ($1.reference, $1.reason.description)
        }
    }
}
