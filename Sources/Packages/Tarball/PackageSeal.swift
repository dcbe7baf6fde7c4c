public import ContainerImage

/// What a signature of a package is about, and the one that the package has.
public struct PackageSeal: Sendable, Equatable {
    /// The digest of `manifest.json`.
    public var manifest: Digest
    /// The digest of the metadata; nil where there is none.
    public var metadata: Digest?
    /// The bytes of the signature's entry; nil where there is none.
    public var signature: [UInt8]?

    /// Creates what a signature is about.
    public init(manifest: Digest, metadata: Digest? = nil, signature: [UInt8]? = nil) {
        self.manifest = manifest
        self.metadata = metadata
        self.signature = signature
    }

    /// The name of the entry, which follows `manifest.json`. Other readers pass over it.
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
