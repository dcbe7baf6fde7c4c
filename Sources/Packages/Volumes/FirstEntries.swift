/// What a package begins with, of which perhaps not all is there.
enum FirstEntries {
    /// The entries among which a signature is: it follows `manifest.json`, or a layout's `oci-layout` and `index.json`.
    private static let count = 3

    /// The bytes of `manifest.json`, where that comes first.
    static func manifest(of file: RandomAccessFile) -> [UInt8]? {
        guard let block = try? file.bytes(at: 0, count: TarHeader.blockSize, entry: nil),
            let header = try? TarHeaderBlock(block[...]), header.name == PackageSeal.tarballManifest,
            header.size <= ArchiveReader.manifestLimit
        else { return nil }
        return try? file.bytes(at: Int64(TarHeader.blockSize), count: Int(header.size), entry: nil)
    }

    /// The bytes of the signature; nil where there is none.
    ///
    /// - Parameter read: Gives bytes from an offset on, exactly so many; nil where there aren't.
    static func signature(reading read: (_ offset: Int64, _ count: Int) -> [UInt8]?) -> [UInt8]? {
        var offset: Int64 = 0
        for _ in 0..<count {
            guard let block = read(offset, TarHeader.blockSize), let header = try? TarHeaderBlock(block[...]) else {
                return nil
            }
            offset += Int64(TarHeader.blockSize)
            if header.name == PackageSeal.entryName {
                return header.size <= PackageSeal.sizeLimit ? read(offset, Int(header.size)) : nil
            }
            guard header.size <= ArchiveReader.manifestLimit else { return nil }
            offset += header.size + Int64(TarHeader.padding(after: header.size))
        }
        return nil
    }
}
