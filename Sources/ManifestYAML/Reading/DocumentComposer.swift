/// Makes values of a parser's events: aliases and merge keys are resolved, scalars get their types.
struct DocumentComposer {
    private let parser: EventParser
    private let file: String
    private var index = 0
    private var anchors: [String: Composed] = [:]
    private var openAnchors: Set<String> = []
    private var composed = 0
    private var composedByAlias = 0

    /// How deep lists and maps may stand within each other.
    static let depthLimit = 1000

    /// A value, and how many values are in it, itself included.
    private struct Composed {
        var value: YAMLValue
        var count: Int
        /// What it was in the file, for keys.
        var kind = Kind.other

        enum Kind { case mergeKey, other }
    }

    init(parser: EventParser, file: String) {
        self.parser = parser
        self.file = file
    }

    /// The next document, nil at the end of the stream.
    mutating func next() throws(YAMLError) -> YAMLDocument? {
        anchors = [:]
        composed = 0
        composedByAlias = 0
        while true {
            switch try event() {
            case .streamEnd: return nil
            case .documentStart:
                index += 1
                let first = try event()
                let line = parser.line
                let value = try compose(first, depth: 0).value
                return YAMLDocument(value: value, file: file, index: index, line: line)
            default: continue
            }
        }
    }

    private func event() throws(YAMLError) -> EventParser.Event {
        do {
            return try parser.next()
        } catch {
            let reason: YAMLError.Reason = error.isDepth ? .tooDeep : .syntax(error.words)
            throw YAMLError(file: file, document: max(index, 1), line: error.line, reason: reason)
        }
    }

    private func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(file: file, document: index, line: parser.line, reason: reason)
    }

    private mutating func compose(_ event: EventParser.Event, depth: Int) throws(YAMLError) -> Composed {
        guard depth <= Self.depthLimit else { throw error(.tooDeep) }
        composed += 1
        switch event {
        case .scalar(let scalar):
            var result = Composed(value: try resolve(scalar), count: 1)
            if scalar.isPlain, scalar.text == "<<" { result.kind = .mergeKey }
            if let anchor = scalar.anchor { anchors[anchor] = result }
            return result
        case .alias(let name): return try expand(name)
        case .listStart(let anchor):
            return try composeAnchored(anchor) { (self) throws(YAMLError) in
                try self.composeList(depth: depth)
            }
        case .mapStart(let anchor):
            return try composeAnchored(anchor) { (self) throws(YAMLError) in
                try self.composeMap(depth: depth)
            }
        case .documentStart, .end, .streamEnd: return Composed(value: .null, count: 1)
        }
    }

    private mutating func composeAnchored(
        _ anchor: String?,
        _ compose: (inout Self) throws(YAMLError) -> Composed
    ) throws(YAMLError) -> Composed {
        guard let anchor else { return try compose(&self) }
        let isNew = openAnchors.insert(anchor).inserted
        let result = try compose(&self)
        if isNew { openAnchors.remove(anchor) }
        anchors[anchor] = result
        return result
    }

    /// Bounded as the original bounds it: many values, most of them by alias, are an attack.
    private mutating func expand(_ name: String) throws(YAMLError) -> Composed {
        guard !openAnchors.contains(name) else { throw error(.endlessAlias(name)) }
        guard let found = anchors[name] else { throw error(.unknownAlias(name)) }
        composed &+= found.count
        composedByAlias &+= found.count
        let share = Double(composedByAlias) / Double(composed)
        let allowed =
            composed <= 400_000
            ? 0.99
            : composed >= 4_000_000
                ? 0.1
                : 0.99 - 0.89 * Double(composed - 400_000) / 3_600_000
        if composedByAlias > 100, composed > 1000, share > allowed { throw error(.aliasBomb) }
        return found
    }

    private mutating func composeList(depth: Int) throws(YAMLError) -> Composed {
        var items: [YAMLValue] = []
        var count = 1
        while true {
            let event = try event()
            if case .end = event { return Composed(value: .list(items), count: count) }
            let item = try compose(event, depth: depth + 1)
            items.append(item.value)
            count &+= item.count
        }
    }

    private mutating func composeMap(depth: Int) throws(YAMLError) -> Composed {
        var entries: [String: YAMLValue] = [:]
        var merged: [YAMLValue] = []
        var count = 1
        while true {
            let event = try event()
            if case .end = event { break }
            let key = try compose(event, depth: depth + 1)
            let name = key.kind == .mergeKey ? nil : try name(of: key.value)
            let value = try compose(try self.event(), depth: depth + 1)
            count &+= key.count &+ value.count
            if let name { entries[name] = value.value } else { merged.append(value.value) }
        }
        for value in merged { try merge(value, into: &entries) }
        return Composed(value: .map(entries), count: count)
    }

    /// Own keys stay; of several maps the earlier ones win.
    private func merge(_ value: YAMLValue, into entries: inout [String: YAMLValue]) throws(YAMLError) {
        switch value {
        case .map(let map): entries.merge(map) { own, _ in own }
        case .list(let maps):
            for map in maps {
                guard case .map(let map) = map else { throw error(.badMerge) }
                entries.merge(map) { own, _ in own }
            }
        default: throw error(.badMerge)
        }
    }

    private func name(of key: YAMLValue) throws(YAMLError) -> String {
        switch key {
        case .string(let text), .integer(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .float(let number): return FloatText.goText(of: number)
        case .null: throw error(.badKey("null"))
        case .list: throw error(.badKey("a list"))
        case .map: throw error(.badKey("a map"))
        }
    }

    private func resolve(_ scalar: EventParser.Scalar) throws(YAMLError) -> YAMLValue {
        do {
            return try ScalarResolver.value(of: scalar)
        } catch {
            throw self.error(error.reason)
        }
    }
}
