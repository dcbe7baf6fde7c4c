public import ContainerImage

/// What a signature of a package is about, and the one that the package has.
public struct PackageSeal: Sendable, Equatable {
    /// The file that leads to all others: `manifest.json`, or `index.json` of a layout.
    public var manifestName: String
    /// The digest of this file.
    public var manifest: Digest
    /// The digest of the metadata; nil where there is none, or where the file above has it.
    public var metadata: Digest?
    /// The bytes of the signature's entry; nil where there is none.
    public var signature: [UInt8]?

    /// Creates what a signature is about.
    public init(
        of manifestName: String = Self.tarballManifest,
        manifest: Digest,
        metadata: Digest? = nil,
        signature: [UInt8]? = nil
    ) {
        self.manifestName = manifestName
        self.manifest = manifest
        self.metadata = metadata
        self.signature = signature
    }

    /// `manifest.json`.
    public static let tarballManifest = "manifest.json"
    static let layoutManifest = "index.json"

    /// The name of the signature's file, which is beside a layout's `index.json`, and in a tarball the entry after the file
    /// that leads to all others. Other readers pass over it.
    package static let entryName = "kbld-signature.json"
    /// How many bytes the entry of a signature takes in a tarball.
    package static func entrySize(ofSignature count: Int) -> Int64 {
        Int64(TarHeader.blockSize + count + TarHeader.padding(after: Int64(count)))
    }

    /// The longest entry that is read, in bytes.
    static let sizeLimit: Int64 = 48 << 20
}

extension ArchiveReader {
    /// What a signature of the package is about: `manifest.json` and the metadata as they were read.
    ///
    /// - Throws: `ArchiveError` where the signature can't be read.
    public func seal() throws(ArchiveError) -> PackageSeal {
        var seal = PackageSeal(manifest: sealed.manifest, metadata: sealed.metadata)
        if let entry = entries[PackageSeal.entryName] {
            guard entry.size <= PackageSeal.sizeLimit else {
                throw .damaged(path: path, entry: PackageSeal.entryName, reason: "it claims \(entry.size) bytes")
            }
            seal.signature = try file.bytes(at: entry.offset, count: Int(entry.size), entry: PackageSeal.entryName)
        }
        return seal
    }
}

extension LayoutReader {
    /// What a signature of the layout is about: the `index.json` that was read, and what is noted in it.
    ///
    /// - Throws: `ArchiveError` where the signature can't be read.
    public func seal() throws(ArchiveError) -> PackageSeal {
        let hasSignature = try files.place(of: PackageSeal.entryName) != nil
        return PackageSeal(
            of: PackageSeal.layoutManifest,
            manifest: indexDigest,
            signature: hasSignature ? try files.bytes(of: PackageSeal.entryName, limit: PackageSeal.sizeLimit) : nil
        )
    }
}

extension AnyPackage {
    /// What a signature of the package is about; nil for a format that has none.
    ///
    /// - Throws: `ArchiveError` naming what can't be read.
    public func seal() throws(ArchiveError) -> PackageSeal? {
        if let archive { return try archive.seal() }
        return try layout?.seal()
    }

    /// What signatures of the package's files are about: of each volume, where it was opened as volumes, else of the package.
    ///
    /// - Throws: `ArchiveError` naming what can't be read.
    package func seals() throws(ArchiveError) -> [(path: String, seal: PackageSeal?)] {
        guard let volumes else { return [(path, try seal())] }
        return try volumes.given.map { archive throws(ArchiveError) in (archive.path, try archive.seal()) }
    }
}
