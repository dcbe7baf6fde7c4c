import ContainerImage

/// Finds the entries of a tarball in a file. The first one that isn't as it should be is refused.
package enum TarIndex {
    /// The files and links of a tarball.
    ///
    /// - Throws: `ArchiveError` naming the entry.
    package static func contents(of file: RandomAccessFile) throws(ArchiveError) -> TarContents {
        var found = TarContents()
        var parser = TarEntryParser()
        var offset: Int64 = 0
        let blockSize = Int64(TarHeader.blockSize)
        while offset < file.size {
            let block = try file.bytes(at: offset, count: TarHeader.blockSize, entry: parser.pendingName)
            let data = offset + blockSize
            let item: TarEntryParser.Item?
            do {
                item = try parser.item(block[...], left: file.size - data)
            } catch {
                throw .damaged(path: file.path, entry: error.entry, reason: "at byte \(offset), \(error.reason)")
            }
            guard let item else {
                found.hasEnd = true
                return found
            }
            if let fault = item.fault { throw .damaged(path: file.path, entry: item.name, reason: "\(fault)") }
            if item.isExtended {
                let bytes = try file.bytes(at: data, count: Int(item.size), entry: item.name)
                do {
                    try parser.take(bytes, of: item)
                } catch {
                    throw .damaged(path: file.path, entry: error.entry, reason: "\(error.reason)")
                }
            } else {
                found.add(item, at: data)
            }
            offset = data + item.size + Int64(item.padding)
        }
        return found
    }
}
