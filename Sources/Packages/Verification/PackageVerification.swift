public import ContainerImage
public import ImageStore
import NIOCore

/// What came of reading a whole package, every byte of it.
public struct PackageVerification: Sendable {
    /// The package's path.
    public var path: String
    /// What kind of package it is.
    public var format = PackageFormat.kbld
    /// The package's size, in bytes.
    public var size: Int64
    /// How many entries there are.
    public var entryCount: Int
    /// How many layers were hashed, and how many bytes these have.
    public var layerCount = 0
    /// The bytes of these layers.
    public var layerBytes: Int64 = 0
    /// The images and indexes that are good, apart from their layers.
    public var trees: [ImageTree] = []
    /// The names that the package records in addition to those of the trees.
    public var names: [ImageReference: Digest] = [:]
    /// The package's metadata.
    public var metadata = PackageMetadata()
    /// Errors and warnings, in the order of the file.
    public var findings: [PackageIssue]
    /// The numbers of the parts that are to be had again, of a package that was cut into files.
    public internal(set) var badParts: [Int] = []
    /// The images and indexes that the package lists, each once.
    public private(set) var images: [VerifiedImage] = []
    /// Which image needs what.
    package var ledger = ImageLedger()

    /// What makes the package a bad one.
    public var errors: [PackageIssue] { findings.filter { !$0.isWarning } }
    /// What is to be noted, and does no harm.
    public var warnings: [PackageIssue] { findings.filter(\.isWarning) }

    /// Creates a verification at its start.
    package init(path: String, format: PackageFormat, size: Int64, entryCount: Int, findings: [PackageIssue]) {
        self.path = path
        self.format = format
        self.size = size
        self.entryCount = entryCount
        self.findings = findings
    }

    /// Reads the package of kbld's own form at `path` to its end and compares everything with everything: entries,
    /// digests, sizes, references, padding. Continues after an error.
    ///
    /// - Parameters:
    ///   - limit: How many layers are hashed at once.
    ///   - progress: Counts the bytes that are hashed.
    /// - Throws: `ArchiveError` when the file can't be read.
    public init(path: String, atMost limit: Int, progress: TransferProgress? = nil) async throws {
        let file = try RandomAccessFile(path: path)
        try await self.init(file, try TarWalk(file), atMost: limit, progress: progress)
    }

    /// Verifies the package in `file`, whose entries are known.
    package init(
        _ file: RandomAccessFile,
        _ walk: TarWalk,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        let path = file.path
        self.init(path: path, format: .kbld, size: file.size, entryCount: walk.entries.count, findings: walk.issues)
        try await verify(file, walk, atMost: limit, progress: progress)
        attribute()
    }

    /// Finds out which images the issues affect.
    package mutating func attribute() {
        let faulty = Set(errors.map(\.subject))
        let hits = ledger.hits(of: faulty)
        images = hits.images
        for position in findings.indices where !findings[position].isWarning {
            findings[position].images = hits.concerned[findings[position].subject] ?? []
        }
    }

    private mutating func verify(
        _ file: RandomAccessFile,
        _ walk: TarWalk,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        var entries: [String: TarWalk.Entry] = [:]
        for entry in walk.entries {
            if !entry.isPlainFile {
                findings.append(PackageIssue(.unknown, entry.name, "it is not a regular file; readers ignore it"))
            } else if entries[entry.name] == nil {
                entries[entry.name] = entry
            }
        }
        guard let manifest = entries["manifest.json"] else {
            findings.append(PackageIssue(.missing, "manifest.json", "the entry is missing: this is not a package"))
            return
        }
        var needed = try readManifest(manifest, file, entries)
        needed.formUnion(["manifest.json", PackageMetadata.entryName, PackageSeal.entryName])
        needed.formUnion(checkParts(entries))
        for entry in walk.entries where entry.isPlainFile && !needed.contains(entry.name) {
            findings.append(PackageIssue(.unknown, entry.name, "no image of the package refers to it"))
        }
        // Of several entries of one name each is hashed.
        let layers = walk.entries.filter { $0.isPlainFile && Self.digest(ofEntry: $0.name) != nil }
        try await hash(
            layers.map { entry in
                let place = FileSlice(file: file, offset: entry.offset, size: entry.size, name: entry.name)
                return (place, Self.digest(ofEntry: entry.name))
            },
            atMost: limit,
            progress: progress
        )
        for position in findings.indices where findings[position].kind == .altered {
            let subject = findings[position].subject
            findings[position].isPassedOver = entries[subject] != nil && !needed.contains(subject)
        }
    }

    /// Compares the bytes of layers with their digests.
    package mutating func hash(
        _ layers: [(place: FileSlice, digest: Digest?)],
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        layerCount = layers.count
        layerBytes = layers.byteTotal(\.place.size)
        progress?.enter(.check, items: layerCount, bytes: layerBytes)
        findings += try await layers.concurrentMap(atMost: limit) { place, digest in
            let item = progress?.begin(place.name, bytes: place.size)
            defer { item?.finish() }
            let found = try place.digest(by: digest?.algorithm ?? .sha256, counting: item)
            guard let digest, found != digest else { return nil }
            return PackageIssue(.altered, place.name, "digest mismatch: content is \(found)")
        }.compactMap { (fault: PackageIssue?) in fault }
    }

    /// Verifies the manifests; gives the names of the entries that they need.
    private mutating func readManifest(
        _ entry: TarWalk.Entry,
        _ file: RandomAccessFile,
        _ entries: [String: TarWalk.Entry]
    ) throws -> Set<String> {
        guard entry.size <= ArchiveReader.manifestLimit else {
            findings.append(PackageIssue(.size, entry.name, "it claims \(entry.size) bytes"))
            return []
        }
        let manifest: PackageManifest
        let bytes: [UInt8]
        do {
            bytes = try file.bytes(at: entry.offset, count: Int(entry.size), entry: entry.name)
            manifest = try PackageManifest(decoding: bytes, path: path)
        } catch {
            guard case .badManifest(_, let reason) = error else { throw error }
            findings.append(PackageIssue(.manifest, entry.name, reason))
            return []
        }
        let metadata = try readMetadata(file, entries)
        let (good, issues) = manifest.trees(path: path, without: metadata.absentDigests) {
            digest throws(ArchiveError) in
            let name = "\(digest.replacing(":", with: "-")).tar.gz"
            guard let entry = entries[name], entry.size <= Int64(ImageConfig.sizeLimit) else { return nil }
            return try file.bytes(at: entry.offset, count: Int(entry.size), entry: name)
        }
        trees = good
        format = manifest.isFromImgpkg ? .imgpkg : .kbld
        names = manifest.recordedNames
        findings += issues
        findings += manifest.contradictions(in: bytes)
        ledger = manifest.ledger
        findings += metadata.problems(for: trees).map {
            PackageIssue(.manifest, PackageMetadata.entryName, HintedText($0))
        }
        self.metadata = metadata.bearing(on: trees)
        names.merge(metadata.taggedNames) { $1 }
        findings += trees.flatMap(\.all).flatMap(\.absenceIssues)
        let omitted = metadata.omittedDigests
        trees.includeNonDistributable {
            entries[ArchivePlan.entryName(of: $0.digest)] != nil || omitted.contains($0.digest)
        }
        checkLayers(entries, omitted: omitted)
        return Set(manifest.listedDigests.compactMap { (try? Digest($0)).map(ArchivePlan.entryName) })
    }

    /// Reads the metadata.
    private mutating func readMetadata(
        _ file: RandomAccessFile,
        _ entries: [String: TarWalk.Entry]
    ) throws -> PackageMetadata {
        guard let entry = entries[PackageMetadata.entryName] else { return PackageMetadata() }
        guard entry.size <= Int64(ArchiveReader.manifestLimit) else {
            findings.append(PackageIssue(.size, entry.name, "it claims \(entry.size) bytes"))
            return PackageMetadata()
        }
        let bytes = try file.bytes(at: entry.offset, count: Int(entry.size), entry: entry.name)
        guard let metadata = try? PackageMetadata(decoding: bytes, path: path) else {
            findings.append(PackageIssue(.manifest, entry.name, "it is not valid JSON of a package's metadata"))
            return PackageMetadata()
        }
        return metadata
    }

    /// Whether each layer of the images has its entry, of the right size.
    private mutating func checkLayers(_ entries: [String: TarWalk.Entry], omitted: Set<Digest>) {
        var seen: [Digest: Int64] = [:]
        for leaf in trees.flatMap(\.images) {
            for layer in leaf.packagedLayers {
                let name = ArchivePlan.entryName(of: layer.digest)
                if let size = seen[layer.digest] {
                    guard size != layer.size else { continue }
                    findings.append(
                        PackageIssue(.size, name, "one manifest says that it has \(size) bytes, another \(layer.size)")
                    )
                    continue
                }
                seen[layer.digest] = layer.size
                guard let entry = entries[name] else {
                    if omitted.contains(layer.digest) {
                        findings.append(PackageIssue(.omitted, name, metadata.words(onOmitted: layer.digest)))
                        continue
                    }
                    findings.append(
                        PackageIssue(.missing, name, "the layer's entry is missing; \(leaf.reference) needs it")
                    )
                    continue
                }
                guard entry.size != layer.size else { continue }
                findings.append(
                    PackageIssue(.size, name, "it has \(entry.size) bytes, but the manifest says \(layer.size)")
                )
            }
        }
    }

    private static func digest(ofEntry name: String) -> Digest? {
        guard let dash = name.firstIndex(of: "-"), name.hasSuffix(".tar.gz") else { return nil }
        return try? Digest("\(name[..<dash]):\(name[dash...].dropFirst().dropLast(7))")
    }
}
