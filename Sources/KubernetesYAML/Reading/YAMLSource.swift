/// A file of YAML as it is written: every value with the bytes that it stands in, aliases and merge keys as they are.
public struct YAMLSource: Sendable {
    /// How a scalar is written.
    public enum Style: Sendable, Hashable {
        /// Without quotes.
        case plain
        /// In `'`.
        case singleQuoted
        /// In `"`.
        case doubleQuoted
        /// After `|`, line by line.
        case literal
        /// After `>`.
        case folded
    }

    /// A value.
    public struct Node: Sendable {
        /// What it is.
        public var content: Content
        /// Its bytes in the file: of a scalar with its quotes, without its anchor and tag.
        public var range: Range<Int>
        /// The line on which it begins, from 1.
        public var line: Int
        /// Its anchor, without `&`.
        public var anchor: String?
        /// Its tag, where it is a scalar, in full.
        public var tag: String?
        /// Whether it is within a list or map in flow style, or one itself.
        public var isInFlow: Bool
    }

    /// What a value is. Other values are positions in `nodes`.
    public enum Content: Sendable {
        /// Text, a number, a boolean or nothing.
        case scalar(text: String, Style)
        /// Values in order.
        case list([Int])
        /// Keys and values, in the order in which they are written.
        case map([Entry])
        /// Another value's alias; that value comes before.
        case alias(name: String, target: Int)
    }

    /// A key and its value.
    public struct Entry: Sendable {
        /// The key's position.
        public var key: Int
        /// The value's position.
        public var value: Int
    }

    /// All values.
    public private(set) var nodes: [Node] = []
    /// The positions of the documents' values, in order.
    public private(set) var documents: [Int] = []

    /// Reads all documents of a file in UTF-8.
    ///
    /// - Throws: `YAMLError` naming `file`, the document and the line.
    public init(_ bytes: [UInt8], file: String) throws(YAMLError) {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let text = hasMark ? bytes.dropFirst(3) : bytes[...]
        let composer = NodeComposer(text, file: file)
        (nodes, documents) = try composer.compose()
    }

    /// The value at a position, as a reader of documents has it: aliases and merge keys resolved. What JSON can't hold is
    /// text.
    ///
    /// It is as large as what aliases repeat: only for files that `YAMLReader` has taken.
    public func value(at position: Int) -> YAMLValue {
        let node = nodes[position]
        switch node.content {
        case .alias(_, let target): return value(at: target)
        case .list(let items): return .list(items.map(value))
        case .map(let entries):
            var own: [YAMLMap.Entry] = []
            var merged: [YAMLMap] = []
            for entry in entries {
                guard let name = name(of: entry.key) else {
                    if isMergeKey(entry.key) { merged += mergedMaps(at: entry.value) }
                    continue
                }
                own.append(YAMLMap.Entry(key: name, value: value(at: entry.value)))
            }
            var map = YAMLMap(own[...])
            if !merged.isEmpty { map.merge(keepingOwn: merged) }
            return .map(map)
        case .scalar(let text, let style):
            return (try? ScalarResolver.value(of: scalar(node, text, style))) ?? .string(text)
        }
    }

    private func mergedMaps(at position: Int) -> [YAMLMap] {
        switch value(at: position) {
        case .map(let map): [map]
        case .list(let items): items.compactMap(\.mapValue)
        default: []
        }
    }

    /// The text of a map's key; nil for the merge key, and for what isn't a scalar.
    public func name(of key: Int) -> String? {
        guard case .scalar(let text, let style) = nodes[resolved(key)].content, !isMergeKey(key) else { return nil }
        switch try? ScalarResolver.value(of: scalar(nodes[resolved(key)], text, style)) {
        case .string(let text), .integer(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .float(let number): return FloatText.goText(of: number)
        default: return text
        }
    }

    /// Whether a key is `<<`, which merges maps.
    public func isMergeKey(_ key: Int) -> Bool {
        guard case .scalar(let text, let style) = nodes[key].content else { return false }
        return ScalarResolver.isMergeKey(scalar(nodes[key], text, style))
    }

    /// The position of what is there: of an alias that of its target.
    public func resolved(_ position: Int) -> Int {
        guard case .alias(_, let target) = nodes[position].content else { return position }
        return target
    }

    private func scalar(_ node: Node, _ text: String, _ style: Style) -> EventParser.Scalar {
        EventParser.Scalar(text: text, anchor: node.anchor, tag: node.tag, isPlain: style == .plain && node.tag == nil)
    }
}
