import ContainerImage
public import ImageStore
public import NIOCore

/// The files of one image, as a container would find them. Layers are read and verified; none of them is kept.
public struct ImageFiles: Sendable {
    /// What is at a path.
    public struct Entry: Sendable, Equatable {
        /// What can be at a path.
        public enum Kind: Sendable, Equatable {
            case file, folder
            /// A symbolic link, to this path.
            case link(to: String)
            /// A device, a pipe, or what is kept in another way.
            case other
        }

        /// The path, with the slash it begins with. Bytes that are no text are shown by a mark.
        public var path: String
        /// What is there.
        public var kind: Kind
        /// How many bytes a file has.
        public var size: Int64
        /// Whether its owner may run it.
        public var isExecutable: Bool
    }

    let tree: FileTree
    let source: any ImageSource
    let layers: [Descriptor]
    let name: String

    /// Reads all layers of `image`.
    ///
    /// - Parameter progress: Counts the layers.
    /// - Throws: `ImageFilesError` naming the layer; what reading it throws.
    public init(of image: ImageNode, in source: any ImageSource, progress: TransferProgress? = nil) async throws {
        self.source = source
        name = image.reference.description
        layers = image.parsed.layers
        let held = Set(image.packagedLayers.map(\.digest))
        progress?.enter(.check, items: layers.count, bytes: layers.byteTotal(\.size))
        var tree = FileTree()
        for (position, layer) in layers.enumerated() {
            guard held.contains(layer.digest) else {
                throw ImageFilesError(
                    name: name,
                    layer: layer.digest,
                    reason: "it is not distributable, so it isn't here"
                )
            }
            let item = progress?.begin(name, bytes: layer.size)
            defer { item?.finish() }
            do {
                var tar = LayerTar(try await source.content(of: layer, from: 0).verified(as: layer, counting: item))
                while let entry = try await tar.next() { try tree.add(entry, of: position) }
            } catch let fault as LayerFault {
                throw ImageFilesError(name: name, layer: layer.digest, fault)
            }
        }
        self.tree = tree
    }

    /// What is at `path`, and in the folders below it, in the order of their names.
    ///
    /// - Throws: `FilePathError` where there is nothing.
    public func entries(at path: String) throws(FilePathError) -> [Entry] {
        let start = try node(at: path, followingLinks: true)
        var entries: [Entry] = []
        tree.walk(from: start, at: FileName.path(path.utf8)) { path, node in
            entries.append(Self.entry(path, node))
        }
        return entries
    }

    /// Whether there is a folder at `path`, and no file.
    ///
    /// - Throws: `FilePathError` where there is nothing.
    public func isFolder(_ path: String) throws(FilePathError) -> Bool {
        tree.nodes[try node(at: path, followingLinks: true)].kind == .folder
    }

    /// Gives the bytes of the file at `path` to `body`, piece by piece; links are followed within the image.
    ///
    /// - Throws: `FilePathError` where there is no file; what reading the layer throws, and what `body` throws.
    public func read(_ path: String, _ body: (ByteBuffer) async throws -> Void) async throws {
        let kind = tree.nodes[try node(at: path, followingLinks: true)].kind
        guard case .file(let file) = kind else {
            throw FilePathError(name: name, path: path, reason: kind == .folder ? .folder : .noFile)
        }
        try await read([file.number: file], of: file.layer) { _, chunk in try await body(chunk) }
    }

    func node(at path: String, followingLinks follows: Bool) throws(FilePathError) -> Int {
        guard let node = tree.node(at: FileName.path(path.utf8)[...], followingLast: follows) else {
            throw FilePathError(name: name, path: path, reason: .missing)
        }
        return node
    }

    /// Gives the bytes of some files of one layer; of an empty file there is one piece, without bytes. The layer is verified
    /// once more.
    func read(
        _ files: [Int: FileTree.File],
        of layer: Int,
        _ body: (FileTree.File, ByteBuffer) async throws -> Void
    ) async throws {
        let descriptor = layers[layer]
        do {
            var tar = LayerTar(try await source.content(of: descriptor, from: 0).verified(as: descriptor))
            while let entry = try await tar.next() {
                guard let file = files[entry.number], entry.size == file.size else { continue }
                if file.size == 0 { try await body(file, ByteBuffer()) }
                while let chunk = try await tar.chunk() { try await body(file, chunk) }
            }
        } catch let fault as LayerFault {
            throw ImageFilesError(name: name, layer: descriptor.digest, fault)
        }
    }

    private static func entry(_ path: [FileName], _ node: FileTree.Node) -> Entry {
        let path = "/" + path.pathText
        switch node.kind {
        case .folder: return Entry(path: path, kind: .folder, size: 0, isExecutable: false)
        case .file(let file):
            return Entry(path: path, kind: .file, size: file.size, isExecutable: file.isExecutable)
        case .symbolicLink(let target):
            return Entry(
                path: path,
                kind: .link(to: String(decoding: target, as: UTF8.self)),
                size: 0,
                isExecutable: false
            )
        case .other: return Entry(path: path, kind: .other, size: 0, isExecutable: false)
        }
    }
}
