/// Makes nodes of a parser's events.
final class NodeComposer {
    private let parser: EventParser
    private let bytes: ArraySlice<UInt8>
    private let file: String
    private var offsets: CharacterOffsets
    private var nodes: [YAMLSource.Node] = []
    private var documents: [Int] = []
    private var anchors: [String: Int] = [:]
    private var openAnchors: Set<String> = []
    private var flowDepth = 0
    /// How many values each node comes to with its aliases resolved, and how deep they are.
    private var extents: [(count: Int, depth: Int)] = []
    /// How many values aliases may make of a file.
    private static let valueLimit = 4_000_000

    init(_ bytes: ArraySlice<UInt8>, file: String) {
        parser = EventParser(bytes)
        self.bytes = bytes
        self.file = file
        offsets = CharacterOffsets(of: bytes)
    }

    /// All nodes, and the positions of the documents' values.
    func compose() throws(YAMLError) -> (nodes: [YAMLSource.Node], documents: [Int]) {
        while true {
            switch try event() {
            case .streamEnd: return (nodes, documents)
            case .documentStart:
                anchors = [:]
                documents.append(nodes.count)
                let position = try compose(try event(), depth: 0)
                documents[documents.count - 1] = position
            default: continue
            }
        }
    }

    private func event() throws(YAMLError) -> EventParser.Event {
        do {
            return try parser.next()
        } catch {
            let reason: YAMLError.Reason = error.isDepth ? .tooDeep : .syntax(error.words)
            throw YAMLError(
                file: file,
                document: max(documents.count, 1),
                line: error.line,
                column: parser.failureColumn,
                reason: reason
            )
        }
    }

    private func compose(_ event: EventParser.Event, depth: Int) throws(YAMLError) -> Int {
        guard depth <= DocumentComposer.depthLimit else { throw error(.tooDeep) }
        let position = nodes.count
        let written = offsets.bytes(of: parser.characters)
        var node = YAMLSource.Node(
            content: .list([]),
            range: written,
            line: parser.line,
            isInFlow: flowDepth > 0
        )
        switch event {
        case .scalar(let scalar):
            node.anchor = scalar.anchor
            node.tag = scalar.tag
            node.content = .scalar(text: scalar.text, parser.style)
            if scalar.anchor != nil || scalar.tag != nil { node.range = withoutProperties(written) }
            append(node, extent: (1, 0))
            if let anchor = scalar.anchor { anchors[anchor] = position }
        case .alias(let name):
            guard !openAnchors.contains(name) else { throw error(.endlessAlias(name)) }
            guard let target = anchors[name] else { throw error(.unknownAlias(name)) }
            node.content = .alias(name: name, target: target)
            append(node, extent: extents[target])
        case .listStart(let anchor):
            node.anchor = anchor
            try composeCollection(node, anchor) { () throws(YAMLError) in
                var items: [Int] = []
                while true {
                    let event = try self.event()
                    if case .end = event { return .list(items) }
                    items.append(try self.compose(event, depth: depth + 1))
                }
            }
        case .mapStart(let anchor):
            node.anchor = anchor
            try composeCollection(node, anchor) { () throws(YAMLError) in
                var entries: [YAMLSource.Entry] = []
                while true {
                    let event = try self.event()
                    if case .end = event { return .map(entries) }
                    let key = try self.compose(event, depth: depth + 1)
                    let value = try self.compose(try self.event(), depth: depth + 1)
                    entries.append(YAMLSource.Entry(key: key, value: value))
                }
            }
        case .documentStart, .end, .streamEnd:
            node.content = .scalar(text: "", .plain)
            append(node, extent: (1, 0))
        }
        return position
    }

    private func composeCollection(
        _ node: YAMLSource.Node,
        _ anchor: String?,
        _ compose: () throws(YAMLError) -> YAMLSource.Content
    ) throws(YAMLError) {
        let position = nodes.count
        let isFlow = parser.isFlow
        append(node, extent: (1, 0))
        nodes[position].isInFlow = node.isInFlow || isFlow
        if isFlow { flowDepth += 1 }
        let isNew = anchor.map { openAnchors.insert($0).inserted } ?? false
        nodes[position].content = try compose()
        try measure(position)
        if isNew, let anchor { openAnchors.remove(anchor) }
        if let anchor { anchors[anchor] = position }
        if isFlow { flowDepth -= 1 }
        let end = offsets.bytes(of: parser.characters).upperBound
        nodes[position].range = node.range.lowerBound..<max(node.range.lowerBound, end)
    }

    private func append(_ node: YAMLSource.Node, extent: (count: Int, depth: Int)) {
        nodes.append(node)
        extents.append(extent)
    }

    /// Notes what a list or map comes to, and refuses one that comes to too much.
    private func measure(_ position: Int) throws(YAMLError) {
        let children: [Int] =
            switch nodes[position].content {
            case .list(let items): items
            case .map(let entries): entries.flatMap { [$0.key, $0.value] }
            case .scalar, .alias: []
            }
        for child in children {
            extents[position].count += extents[child].count
            extents[position].depth = max(extents[position].depth, extents[child].depth + 1)
        }
        guard extents[position].count <= max(Self.valueLimit, nodes.count) else { throw error(.aliasBomb) }
        guard extents[position].depth <= DocumentComposer.depthLimit else { throw error(.tooDeep) }
    }

    private func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(file: file, document: documents.count, line: parser.line, reason: reason)
    }

    /// The bytes of a scalar without the anchor and the tag before it, and what is between them and it.
    private func withoutProperties(_ range: Range<Int>) -> Range<Int> {
        var position = range.lowerBound
        while position < range.upperBound {
            switch bytes[position] {
            case UInt8(ascii: "&"), UInt8(ascii: "!"):
                while position < range.upperBound, !Self.isSpace(bytes[position]) { position += 1 }
            case UInt8(ascii: "#"):
                while position < range.upperBound, bytes[position] != 0x0A { position += 1 }
            case let byte where Self.isSpace(byte): position += 1
            default: return position..<range.upperBound
            }
        }
        return range.upperBound..<range.upperBound
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
