/// Values by key, in the order of the keys' bytes.
///
/// Keys are compared by their bytes: `é` as one character and as two are different keys, as they are in a file.
/// Most maps are small, so that entries in a row are faster to make, search and leave than a hash table.
public struct YAMLMap: Sendable, Hashable {
    private var entries: [Entry]

    /// A key and its value.
    struct Entry: Sendable, Hashable {
        var key: String
        var value: YAMLValue
    }

    /// Creates an empty map.
    public init() { entries = [] }

    /// Creates a map of `entries`.
    public init(_ entries: [String: YAMLValue]) {
        self.init(entries.map { Entry(key: $0, value: $1) }[...])
    }

    /// Creates a map of entries in any order; of equal keys the last wins.
    init(_ given: ArraySlice<Entry>) {
        entries = Array(given)
        guard !Self.isAscending(entries) else { return }
        // Swift's sort keeps the order of equals.
        entries.sort { $0.key.byteOrder(to: $1.key) < 0 }
        var kept = 0
        for position in entries.indices.dropFirst() {
            if entries[position].key.byteOrder(to: entries[kept].key) != 0 { kept += 1 }
            entries[kept] = entries[position]
        }
        entries.removeSubrange((kept + 1)...)
    }

    private static func isAscending(_ entries: [Entry]) -> Bool {
        var position = 1
        while position < entries.count {
            guard entries[position - 1].key.byteOrder(to: entries[position].key) < 0 else { return false }
            position += 1
        }
        return true
    }

    /// The value of `key`; setting nil removes the entry.
    public subscript(key: String) -> YAMLValue? {
        get {
            let position = self.position(of: key)
            return position.isFound ? entries[position.index].value : nil
        }
        set {
            let position = self.position(of: key)
            switch (newValue, position.isFound) {
            case (let value?, true): entries[position.index].value = value
            case (let value?, false): entries.insert(Entry(key: key, value: value), at: position.index)
            case (nil, true): entries.remove(at: position.index)
            case (nil, false): break
            }
        }
    }

    private func position(of key: String) -> (index: Int, isFound: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let order = entries[middle].key.byteOrder(to: key)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Replaces the value at `position`.
    public mutating func replaceValue(at position: Int, with value: YAMLValue) {
        entries[position].value = value
    }

    /// Adds the entries of `others` whose keys aren't here; of several that have a key the first counts.
    public mutating func merge(keepingOwn others: [YAMLMap]) {
        self = YAMLMap((others.reversed().flatMap(\.entries) + entries)[...])
    }

    /// The keys in order.
    public var keys: [String] { entries.map(\.key) }
}

extension YAMLMap: RandomAccessCollection {
    /// The position of the first entry.
    public var startIndex: Int { 0 }
    /// The position after the last entry.
    public var endIndex: Int { entries.count }
    /// The entry at `position`.
    public subscript(position: Int) -> (key: String, value: YAMLValue) {
        (entries[position].key, entries[position].value)
    }
}

extension YAMLMap: ExpressibleByDictionaryLiteral {
    /// Creates a map; of equal keys the last wins.
    public init(dictionaryLiteral elements: (String, YAMLValue)...) {
        self.init(elements.map { Entry(key: $0, value: $1) }[...])
    }
}

extension String {
    /// Negative, zero or positive as this comes before, equals or comes after `other` in the order of bytes.
    func byteOrder(to other: String) -> Int {
        let order = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                let shared = Swift.min(mine.count, theirs.count)
                var position = 0
                while position < shared, mine[position] == theirs[position] { position += 1 }
                return position < shared ? Int(mine[position]) - Int(theirs[position]) : mine.count - theirs.count
            }
        }
        if case let order?? = order { return order }
        return utf8.elementsEqual(other.utf8) ? 0 : utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
    }
}
