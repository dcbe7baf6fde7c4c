/// Makes values of a parser's events: aliases and merge keys are resolved, scalars get their types.
struct DocumentComposer {
    private let parser: EventParser
    private let file: String
    /// How many documents have begun.
    private(set) var index = 0
    private var anchors: [String: Composed] = [:]
    private var openAnchors: Set<String> = []
    private var composed = 0
    private var composedByAlias = 0
    private var bytesByAlias = 0
    private var readInStream = 0
    private var aliasedInStream = 0
    /// The items and entries of all lists and maps that are open: each gets its storage once, when its size is known.
    private var items: [YAMLValue] = []
    private var entries: [YAMLMap.Entry] = []

    /// How deep lists and maps may be nested.
    static let depthLimit = 1000
    /// How much text aliases of one stream may repeat, in bytes.
    static let aliasedTextLimit = 64 << 20

    /// A value, and how many values and bytes of text are in it, itself included.
    private struct Composed {
        var value: YAMLValue
        var count = 1
        var bytes = 0
        var isMergeKey = false
    }

    init(parser: EventParser, file: String) {
        self.parser = parser
        self.file = file
    }

    /// The next document, nil at the end of the stream.
    mutating func next() throws(YAMLError) -> YAMLDocument? {
        if !anchors.isEmpty { anchors = [:] }
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
        readInStream += 1
        switch event {
        case .scalar(let scalar):
            var result = Composed(value: try resolve(scalar), bytes: scalar.text.utf8.count)
            result.isMergeKey = ScalarResolver.isMergeKey(scalar)
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
        case .documentStart, .end, .streamEnd: return Composed(value: .null)
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

    /// Bounded as the original bounds it: many values in a document, most of them by alias, are an attack. So are
    /// many such documents, and aliases of long texts, which the original lets pass.
    private mutating func expand(_ name: String) throws(YAMLError) -> Composed {
        guard !openAnchors.contains(name) else { throw error(.endlessAlias(name)) }
        guard let found = anchors[name] else { throw error(.unknownAlias(name)) }
        composed &+= found.count
        composedByAlias &+= found.count
        bytesByAlias &+= found.bytes
        aliasedInStream &+= found.count
        let share = Double(composedByAlias) / Double(composed)
        let allowed =
            composed <= 400_000
            ? 0.99
            : composed >= 4_000_000
                ? 0.1
                : 0.99 - 0.89 * Double(composed - 400_000) / 3_600_000
        if composedByAlias > 100, composed > 1000, share > allowed { throw error(.aliasBomb) }
        if bytesByAlias > Self.aliasedTextLimit || aliasedInStream > 400_000 + 10 * readInStream {
            throw error(.aliasBomb)
        }
        return found
    }

    private mutating func composeList(depth: Int) throws(YAMLError) -> Composed {
        let start = items.count
        var result = Composed(value: .null)
        while true {
            let event = try event()
            if case .end = event { break }
            let item = try compose(event, depth: depth + 1)
            items.append(item.value)
            result.count &+= item.count
            result.bytes &+= item.bytes
        }
        result.value = .list(Array(items[start...]))
        items.removeLast(items.count - start)
        return result
    }

    private mutating func composeMap(depth: Int) throws(YAMLError) -> Composed {
        let start = entries.count
        var merged: [YAMLValue] = []
        var result = Composed(value: .null)
        while true {
            let event = try event()
            if case .end = event { break }
            let key = try compose(event, depth: depth + 1)
            let name = key.isMergeKey ? nil : try name(of: key.value)
            let value = try compose(try self.event(), depth: depth + 1)
            result.count &+= key.count &+ value.count
            result.bytes &+= key.bytes &+ value.bytes
            if let name {
                entries.append(YAMLMap.Entry(key: name, value: value.value))
            } else {
                merged.append(value.value)
            }
        }
        var map = YAMLMap(entries[start...])
        entries.removeLast(entries.count - start)
        if !merged.isEmpty { map.merge(keepingOwn: try maps(in: merged)) }
        result.value = .map(map)
        return result
    }

    /// The maps that merge keys give, in the order in which they count.
    private func maps(in merged: [YAMLValue]) throws(YAMLError) -> [YAMLMap] {
        var maps: [YAMLMap] = []
        for value in merged {
            switch value {
            case .map(let map): maps.append(map)
            case .list(let items):
                for item in items {
                    guard case .map(let map) = item else { throw error(.badMerge) }
                    maps.append(map)
                }
            default: throw error(.badMerge)
            }
        }
        return maps
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
