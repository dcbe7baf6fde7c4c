/// A key that is twice in one map: the last one's value would count, and another parser may take the first.
public struct RepeatedKey: Sendable, Hashable {
    /// The key as it was written, without quotes.
    public let key: String
    /// The line on which it is again, from 1.
    public let line: Int

    /// The first in the documents of `bytes`, YAML or JSON; nil where every key is there once, and past a mistake in
    /// the syntax.
    public static func first(in bytes: [UInt8]) -> RepeatedKey? {
        let parser = EventParser(StreamEncoding.utf8(bytes)[...])
        var open: [Collection] = []
        var anchors: [String: String] = [:]
        while let event = try? parser.next() {
            var text: String?
            switch event {
            case .streamEnd: return nil
            case .documentStart:
                (open, anchors) = ([], [:])
                continue
            case .end:
                _ = open.popLast()
                continue
            case .scalar(let scalar):
                text = scalar.text
                if let anchor = scalar.anchor { anchors[anchor] = scalar.text }
            case .alias(let name): text = anchors[name]
            case .listStart, .mapStart: break
            }
            if let last = open.indices.last, !open[last].takes(text), let text {
                return RepeatedKey(key: text, line: parser.line)
            }
            if case .listStart = event { open.append(Collection(isMap: false)) }
            if case .mapStart = event { open.append(Collection(isMap: true)) }
        }
        return nil
    }

    /// A list or map that has begun.
    private struct Collection {
        let isMap: Bool
        var keys: Set<[UInt8]> = []
        var isAtKey = true

        init(isMap: Bool) { self.isMap = isMap }

        /// Whether what comes next, with `text` where it is a scalar, is no key that was there.
        mutating func takes(_ text: String?) -> Bool {
            guard isMap else { return true }
            defer { isAtKey.toggle() }
            guard isAtKey, let text else { return true }
            return keys.insert(Array(text.utf8)).inserted
        }
    }
}
