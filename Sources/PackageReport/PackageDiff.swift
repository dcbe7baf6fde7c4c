public import ContainerImage
public import ImageStore

/// What is different between two sets of images.
public struct PackageDiff: Sendable, Encodable {
    /// A reference that is on one side, or has another digest on the other.
    public struct Change: Sendable, Encodable {
        /// What happened to it.
        public enum Kind: String, Sendable, Encodable {
            /// It is only on the second side.
            case added
            /// It is only on the first side.
            case removed
            /// The same repository has another digest.
            case changed
            /// The same digest is in another repository.
            case moved
        }

        /// What happened.
        public var kind: Kind
        /// The reference on the first side.
        public var before: String?
        /// The reference on the second side.
        public var after: String?
        /// The bytes of its layers that the first side doesn't have at all.
        public var addedBytes: Int64
        /// The bytes of its layers that the second side doesn't have any more.
        public var removedBytes: Int64
    }

    /// Layers of one kind.
    public struct Layers: Sendable, Encodable {
        /// How many there are.
        public var count: Int
        /// The bytes of all of them.
        public var bytes: Int64
        /// Their digests, sorted.
        public var digests: [Digest]
    }

    /// An index that both sides have with images for other platforms.
    public struct PlatformChange: Sendable, Encodable {
        /// The index.
        public var reference: String
        /// The platforms of the images that the first side has.
        public var before: [String]
        /// The platforms of those that the second side has.
        public var after: [String]
    }

    /// What the sides are.
    public var sides: [String]
    /// References that differ, sorted.
    public var changes: [Change]
    /// How many references are the same on both sides.
    public var unchanged: Int
    /// Of the same indexes, those that are sparse in different ways, sorted: they count as the same.
    public var platforms: [PlatformChange]
    /// Layers that only the second side has: these must move to those who have the first.
    public var addedLayers: Layers
    /// Layers that only the first side has.
    public var removedLayers: Layers
    /// Layers that both have.
    public var keptLayers: Layers

    /// Creates the differences between `before` and `after`.
    public init(_ before: [ImageTree], _ after: [ImageTree], sides: [String]) {
        self.sides = sides
        let (old, new) = (Self.layers(of: before), Self.layers(of: after))
        addedLayers = Self.sum(new.filter { old[$0.key] == nil })
        removedLayers = Self.sum(old.filter { new[$0.key] == nil })
        keptLayers = Self.sum(new.filter { old[$0.key] != nil })
        var left = Self.distinct(before)
        var right = Self.distinct(after)
        let same = Set(left.keys).intersection(right.keys)
        unchanged = same.count
        platforms = same.sorted().compactMap { reference in
            let (one, other) = (left[reference]?.platforms ?? [], right[reference]?.platforms ?? [])
            guard Set(one) != Set(other) else { return nil }
            return PlatformChange(
                reference: reference.description,
                before: one.map(\.description),
                after: other.map(\.description)
            )
        }
        for reference in same {
            left[reference] = nil
            right[reference] = nil
        }
        func change(_ kind: Change.Kind, _ one: ImageTree?, _ other: ImageTree?) -> Change {
            let added = Self.layers(of: other.map { [$0] } ?? []).filter { old[$0.key] == nil }
            let removed = Self.layers(of: one.map { [$0] } ?? []).filter { new[$0.key] == nil }
            return Change(
                kind: kind,
                before: one?.reference.description,
                after: other?.reference.description,
                addedBytes: added.values.byteTotal { $0 },
                removedBytes: removed.values.byteTotal { $0 }
            )
        }
        var changes: [Change] = []
        /// Pairs what `key` finds alike on both sides.
        func pair(_ kind: Change.Kind, by key: (DigestReference) -> String) {
            var partners = Dictionary(grouping: right.keys.sorted(by: >), by: key)
            for reference in left.keys.sorted() {
                guard let partner = partners[key(reference)]?.popLast() else { continue }
                changes.append(change(kind, left[reference], right[partner]))
                left[reference] = nil
                right[partner] = nil
            }
        }
        pair(.moved) { $0.digest.description }
        pair(.changed) { $0.repository.description }
        changes += left.values.map { change(.removed, $0, nil) }
        changes += right.values.map { change(.added, nil, $0) }
        self.changes = changes.sorted {
            ($0.after ?? $0.before ?? "", $0.kind.rawValue) < ($1.after ?? $1.before ?? "", $1.kind.rawValue)
        }
    }

    /// Whether both sides have the same images under the same references.
    public var isEmpty: Bool { changes.isEmpty }

    /// One line: `1 added, 0 removed, 2 changed, 0 moved, 9 the same; 3 layers of 12.0 MiB to move`.
    public var summary: String {
        func count(_ kind: Change.Kind) -> Int { changes.count { $0.kind == kind } }
        let layers = Count.text(addedLayers.count, "layer")
        return "\(count(.added)) added, \(count(.removed)) removed, \(count(.changed)) changed, "
            + "\(count(.moved)) moved, \(unchanged) the same; \(layers) of \(ByteCount(addedLayers.bytes)) to move, "
            + "\(removedLayers.count) of \(ByteCount(removedLayers.bytes)) no longer needed, "
            + "\(keptLayers.count) of \(ByteCount(keptLayers.bytes)) kept"
    }

    private static func layers(of trees: [ImageTree]) -> [Digest: Int64] {
        var layers: [Digest: Int64] = [:]
        for layer in trees.flatMap(\.images).flatMap(\.packagedLayers) { layers[layer.digest] = layer.size }
        return layers
    }

    private static func sum(_ layers: [Digest: Int64]) -> Layers {
        Layers(count: layers.count, bytes: layers.values.byteTotal { $0 }, digests: layers.keys.sorted())
    }

    private static func distinct(_ trees: [ImageTree]) -> [DigestReference: ImageTree] {
        Dictionary(trees.map { ($0.reference, $0) }) { first, _ in first }
    }
}
