package import ContainerImage

/// A blob that a tarball of another format has under a name.
package struct NamedLayer: Sendable {
    /// The entry's name.
    package let name: String
    /// The blob.
    package let layer: Descriptor
    /// A repository that has it.
    package let repository: Repository

    /// Creates a named layer.
    package init(name: String, layer: Descriptor, repository: Repository) {
        self.name = name
        self.layer = layer
        self.repository = repository
    }
}

extension ArchivePlan {
    /// Lays out a tarball of files that are in memory and, after them, of layers, in the order given.
    ///
    /// - Parameter imageCount: How many images and indexes it has, those in indexes not counted.
    /// - Throws: `ArchiveError.tooLarge` when there can be no file of that size.
    package init(
        files: [(name: String, bytes: [UInt8])],
        layers: [NamedLayer],
        imageCount: Int
    ) throws(ArchiveError) {
        var head: [UInt8] = []
        for (name, bytes) in files {
            let (size, start) = (Int64(bytes.count), head.count)
            head += TarHeader.blocks(name: name, size: size)
            head += bytes
            head += [UInt8](repeating: 0, count: TarHeader.padding(after: size))
            if name == PackageSeal.entryName { signatureRange = start..<head.count }
        }
        var offset = Int64(head.count)
        var entries: [Entry] = []
        for named in layers {
            let entry = Entry(named.layer, of: named.repository, named: named.name, at: offset)
            offset = try entry.end
            entries.append(entry)
        }
        self.head = head
        self.entries = entries
        self.imageCount = imageCount
        layerCount = layers.count
        omitted = []
        totalSize = offset + 2 * Int64(TarHeader.blockSize)
    }
}
