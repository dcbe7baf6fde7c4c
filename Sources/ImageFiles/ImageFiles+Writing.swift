import ContainerImage
import LibC
import NIOCore
import SystemPackage

/// Files of an image on disk.
extension ImageFiles {
    /// What was written.
    public struct Written: Sendable, Equatable {
        /// How many files.
        public var files = 0
        /// How many symbolic links.
        public var links = 0
        /// The bytes of the files.
        public var bytes: Int64 = 0
        /// The paths of what wasn't: links that might lead out of the folder, devices, pipes.
        public var omitted: [String] = []
    }

    /// Writes what is in the folder `path` into `destination`, a folder that is new or empty.
    ///
    /// Files belong to whoever runs this, and are 0644 or 0755. Nothing is written or linked outside of `destination`, however
    /// the layers' names and links are made: links come last, and only those whose target can be nowhere else.
    ///
    /// - Throws: `FilePathError`, `FileWritingError` naming the file; what reading the layers throws. What was written is then
    ///   taken away again.
    public func write(_ path: String, into destination: String) async throws -> Written {
        let start = try node(at: path, followingLinks: true)
        guard tree.nodes[start].kind == .folder else { throw FilePathError(name: name, path: path, reason: .noFile) }
        var written = Written()
        var folders: [[FileName]] = []
        var links: [(path: [FileName], target: [UInt8])] = []
        var places: [FileTree.File: [[FileName]]] = [:]
        tree.walk(from: start, at: []) { path, node in
            switch node.kind {
            case .folder: folders.append(path)
            case .file(let file):
                places[file, default: []].append(path)
                written.files += 1
                written.bytes = written.bytes.addingUpToLimit(file.size)
            case .symbolicLink(let target) where Self.staysInside(target, from: path): links.append((path, target))
            case .symbolicLink, .other: written.omitted.append("/" + path.pathText)
            }
        }
        let folder = try OutputFolder(path: destination, needing: places.keys.byteTotal(\.size))
        do {
            try await write(places, folders, links, into: folder)
            try folder.commit()
        } catch {
            folder.remove(files: places.values.joined() + links.map(\.path), folders: folders)
            throw error
        }
        written.links = links.count
        return written
    }

    private func write(
        _ places: [FileTree.File: [[FileName]]],
        _ folders: [[FileName]],
        _ links: [(path: [FileName], target: [UInt8])],
        into folder: OutputFolder
    ) async throws {
        for path in folders where !path.isEmpty { try folder.makeFolder(path) }
        for (layer, files) in Dictionary(grouping: places.keys, by: \.layer).sorted(by: { $0.key < $1.key }) {
            var open: (file: FileTree.File, descriptor: SystemPackage.FileDescriptor)?
            defer { try? open?.descriptor.close() }
            let wanted = Dictionary(files.map { ($0.number, $0) }) { first, _ in first }
            try await read(wanted, of: layer) { file, chunk in
                if open?.file != file, let path = places[file]?.first {
                    try open?.descriptor.close()
                    open = nil
                    open = (file, try folder.create(path, isExecutable: file.isExecutable))
                }
                if let open { try folder.write(chunk, to: open.descriptor, places[file]?.first ?? []) }
            }
        }
        for paths in places.values {
            for path in paths.dropFirst() { try folder.link(path, to: paths[0]) }
        }
        for (path, target) in links { try folder.makeLink(path, to: target) }
    }

    /// Whether a link can lead nowhere but into the folder that is written.
    ///
    /// Its own folder is a real one, so `..` before all names are exact. Behind a name they aren't: that may be a link too.
    static func staysInside(_ target: [UInt8], from path: [FileName]) -> Bool {
        guard let first = target.first, first != UInt8(ascii: "/"), target.count < Int(PATH_MAX) else {
            return false
        }
        let parts = FileName.names(in: target).filter { $0 != .current }
        let ups = parts.prefix { $0 == .parent }.count
        return ups < path.count && !parts.dropFirst(ups).contains(.parent)
    }
}
