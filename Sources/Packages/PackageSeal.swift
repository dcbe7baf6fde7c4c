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
    /// The longest entry that is read, in bytes.
    static let sizeLimit: Int64 = 48 << 20
}

extension ArchiveReader {
    /// What a signature of the package is about. `manifest.json` is read and hashed.
    ///
    /// - Throws: `ArchiveError` naming the entry that can't be read.
    public func seal() throws(ArchiveError) -> PackageSeal {
        func bytes(of name: String) throws(ArchiveError) -> [UInt8]? {
            guard let entry = entries[name] else { return nil }
            guard entry.size <= (name == PackageSeal.entryName ? PackageSeal.sizeLimit : Self.manifestLimit) else {
                throw .damaged(path: path, entry: name, reason: "it claims \(entry.size) bytes")
            }
            return try file.bytes(at: entry.offset, count: Int(entry.size), entry: name)
        }
        return PackageSeal(
            manifest: Digest(of: try bytes(of: "manifest.json") ?? []),
            metadata: try bytes(of: PackageMetadata.entryName).map { Digest(of: $0) },
            signature: try bytes(of: PackageSeal.entryName)
        )
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
}
