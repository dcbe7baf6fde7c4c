/// The files of an image: its layers, one laid over the other.
///
/// OCI image specification, "Image Layer Filesystem Changeset". Nothing of it is on disk; links lead from one node to another
/// and can't lead out.
struct FileTree: Sendable {
    /// Where a file's bytes are.
    struct File: Sendable, Hashable {
        /// Which of the image's layers has it, from 0.
        var layer: Int
        /// Which of the layer's entries it is.
        var number: Int
        var size: Int64
        var isExecutable: Bool
    }

    enum Kind: Sendable, Equatable {
        case folder
        case file(File)
        case symbolicLink([UInt8])
        /// A device, a pipe, a link to nothing.
        case other
    }

    struct Node: Sendable {
        var kind: Kind
        var children: [FileName: Int] = [:]
        /// The last layer that says something of it.
        var layer: Int
    }

    /// The root is the first. Those that layers remove stay here, without a parent.
    private(set) var nodes = [Node(kind: .folder, layer: 0)]
    private var nameBytes = 0

    private static let nodeLimit = 2_000_000
    private static let nameBytesLimit = 256 << 20
    private static let depthLimit = 512
    /// As many links as Linux follows.
    private static let linkLimit = 40
    private static let removal = FileName(".wh.")
    private static let opaqueMark = FileName(".wh..wh..opq")

    /// Lays one entry over what is there.
    ///
    /// - Throws: `LayerFault` where an image has more than any needs.
    mutating func add(_ entry: LayerEntry, of layer: Int) throws(LayerFault) {
        guard let name = entry.path.last else { return }
        guard entry.path.count <= Self.depthLimit else {
            throw LayerFault(
                "its folders are nested more than \(Self.depthLimit) deep",
                entry: String(entry.path.pathText.prefix(200))
            )
        }
        if name.bytes.starts(with: Self.removal.bytes) { return remove(name, in: entry.path.dropLast(), by: layer) }
        let kind: Kind
        switch entry.kind {
        case .folder: kind = .folder
        case .file:
            kind = .file(
                File(layer: layer, number: entry.number, size: entry.size, isExecutable: entry.isExecutable)
            )
        case .symbolicLink(let target): kind = .symbolicLink(target)
        case .hardLink(let target):
            let node = node(at: FileName.path(target)[...], followingLast: false)
            kind = node.map { nodes[$0].kind == .folder ? .other : nodes[$0].kind } ?? .other
        case .other: kind = .other
        }
        let parent = try folder(at: entry.path.dropLast(), by: layer)
        if kind == .folder, let child = nodes[parent].children[name], nodes[child].kind == .folder {
            nodes[child].layer = layer
        } else {
            nodes[parent].children[name] = try node(of: kind, named: name, by: layer)
        }
    }

    /// The node at a path, nil if there is none.
    ///
    /// - Parameter followsLast: Whether a symbolic link at the end of the path is followed.
    func node(at path: ArraySlice<FileName>, followingLast followsLast: Bool) -> Int? {
        var stack = [0]
        var pending = Array(path.reversed())
        var links = 0
        while let name = pending.popLast() {
            if name == .parent {
                if stack.count > 1 { stack.removeLast() }
                continue
            }
            guard name != .current, let child = nodes[stack[stack.count - 1]].children[name] else {
                if name == .current { continue }
                return nil
            }
            guard case .symbolicLink(let target) = nodes[child].kind, followsLast || !pending.isEmpty else {
                stack.append(child)
                continue
            }
            links += 1
            guard links <= Self.linkLimit else { return nil }
            if target.first == UInt8(ascii: "/") { stack = [0] }
            pending += FileName.names(in: target).reversed()
        }
        return stack.last
    }

    /// Below `start`, everything with its path, in the order of names; parents before what is in them.
    func walk(from start: Int, at path: [FileName], _ body: ([FileName], Node) throws -> Void) rethrows {
        var pending = [(path, start)]
        while let (path, index) = pending.popLast() {
            let node = nodes[index]
            try body(path, node)
            pending += node.children.sorted { $0.key > $1.key }.map { (path + [$0.key], $0.value) }
        }
    }

    private mutating func node(of kind: Kind, named name: FileName, by layer: Int) throws(LayerFault) -> Int {
        nameBytes += name.bytes.count
        if case .symbolicLink(let target) = kind { nameBytes += target.count }
        guard nodes.count < Self.nodeLimit, nameBytes <= Self.nameBytesLimit else {
            throw LayerFault("the image has more than \(Self.nodeLimit) files, or longer names than any has")
        }
        nodes.append(Node(kind: kind, layer: layer))
        return nodes.count - 1
    }

    /// The folder at a path, by links where there are some; what isn't there, or is none, becomes one.
    private mutating func folder(at path: ArraySlice<FileName>, by layer: Int) throws(LayerFault) -> Int {
        var current = 0
        for (position, name) in zip(path.indices, path) {
            if let child = nodes[current].children[name] {
                if nodes[child].kind == .folder {
                    nodes[child].layer = layer
                    current = child
                    continue
                }
                if let target = node(at: path[...position], followingLast: true), nodes[target].kind == .folder {
                    nodes[target].layer = layer
                    current = target
                    continue
                }
            }
            let folder = try node(of: .folder, named: name, by: layer)
            nodes[current].children[name] = folder
            current = folder
        }
        return current
    }

    /// What a mark of removal means: that names, or everything, of the layers below is gone.
    private mutating func remove(_ mark: FileName, in path: ArraySlice<FileName>, by layer: Int) {
        guard let parent = node(at: path, followingLast: true) else { return }
        if mark == Self.opaqueMark {
            for name in nodes[parent].children.keys { removeOlder(name, in: parent, than: layer) }
        } else if !mark.bytes.starts(with: Self.removal.bytes + Self.removal.bytes) {
            removeOlder(FileName(mark.bytes.dropFirst(Self.removal.bytes.count)), in: parent, than: layer)
        }
    }

    private mutating func removeOlder(_ name: FileName, in parent: Int, than layer: Int) {
        guard let child = nodes[parent].children[name] else { return }
        if nodes[child].layer < layer {
            nodes[parent].children[name] = nil
        } else {
            for name in nodes[child].children.keys { removeOlder(name, in: child, than: layer) }
        }
    }
}
