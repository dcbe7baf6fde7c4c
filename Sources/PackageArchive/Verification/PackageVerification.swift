import ContainerImage
import FoundationEssentials
public import ImageStore
import NIOCore

/// What came of reading a whole package, every byte of it.
public struct PackageVerification: Sendable {
    /// The file's path.
    public var path: String
    /// The file's size, in bytes.
    public var size: Int64
    /// How many entries there are.
    public var entryCount: Int
    /// How many layers were hashed, and how many bytes these have.
    public var layerCount: Int
    /// The bytes of these layers.
    public var layerBytes: Int64
    /// The images and indexes that are good, apart from their layers.
    public var trees: [ImageTree]
    /// What is wrong, in the order in which it stands in the file; what is only to be noted is among it.
    public var findings: [PackageFault]

    /// What makes the package a bad one.
    public var faults: [PackageFault] { findings.filter { !$0.isNote } }
    /// What is to be noted, and does no harm.
    public var notes: [PackageFault] { findings.filter(\.isNote) }

    /// Reads the package at `path` to its end and compares everything with everything: entries, digests, sizes,
    /// references, padding. Goes on after a fault.
    ///
    /// - Parameters:
    ///   - limit: How many layers are hashed at once.
    ///   - progress: Counts the bytes that are hashed.
    /// - Throws: `ArchiveError` when the file can't be read.
    public init(path: String, atMost limit: Int, progress: TransferProgress? = nil) async throws {
        let file = try InputFile(path: path)
        let walk = try TarWalk(file)
        self.path = path
        size = file.size
        entryCount = walk.entries.count
        findings = walk.faults
        trees = []
        layerCount = 0
        layerBytes = 0
        var entries: [String: TarWalk.Entry] = [:]
        for entry in walk.entries {
            if !entry.isPlainFile {
                findings.append(PackageFault(.unknown, entry.name, "it is no plain file; readers pass over it"))
            } else if entries[entry.name] != nil {
                findings.append(PackageFault(.duplicate, entry.name, "there are several entries of this name"))
            } else {
                entries[entry.name] = entry
            }
        }
        guard let manifest = entries["manifest.json"] else {
            findings.append(PackageFault(.missing, "manifest.json", "the entry is missing: this is no package"))
            return
        }
        var needed = try readManifest(manifest, file, entries)
        needed.formUnion(["manifest.json", PackageNotes.entryName])
        for entry in walk.entries where entry.isPlainFile && !needed.contains(entry.name) {
            findings.append(PackageFault(.unknown, entry.name, "no image of the package refers to it"))
        }
        // Of several entries of one name each is hashed.
        let layers = walk.entries.filter { $0.isPlainFile && Self.digest(ofEntry: $0.name) != nil }
        progress?.enter(.check, items: layers.count, bytes: layers.reduce(0) { $0 + $1.size })
        findings += try await layers.concurrentMap(atMost: limit) { entry in
            let item = progress?.begin(String(entry.name.prefix(19)), bytes: entry.size)
            defer { item?.finish() }
            return try Self.fault(in: entry, of: file, counting: item)
        }.compactMap(\.self)
        layerCount = layers.count
        layerBytes = layers.reduce(0) { $0 + $1.size }
    }

    /// Verifies the manifests; gives the names of the entries that they need.
    private mutating func readManifest(
        _ entry: TarWalk.Entry,
        _ file: InputFile,
        _ entries: [String: TarWalk.Entry]
    ) throws -> Set<String> {
        guard entry.size <= ArchiveReader.manifestLimit else {
            findings.append(PackageFault(.size, entry.name, "it claims \(entry.size) bytes"))
            return []
        }
        let manifest: PackageManifest
        do {
            let bytes = try file.bytes(at: entry.offset, count: Int(entry.size), entry: entry.name)
            manifest = try PackageManifest(decoding: bytes, path: path)
        } catch {
            guard case .badManifest(_, let reason) = error else { throw error }
            findings.append(PackageFault(.manifest, entry.name, reason))
            return []
        }
        let (good, faults) = manifest.trees(path: path) { digest throws(ArchiveError) in
            let name = "\(digest.replacing(":", with: "-")).tar.gz"
            guard let entry = entries[name], entry.size <= Int64(RawManifest.sizeLimit) else { return nil }
            return try file.bytes(at: entry.offset, count: Int(entry.size), entry: name)
        }
        trees = good
        findings += faults
        for position in trees.indices {
            trees[position].takeAlong { entries[ArchivePlan.entryName(of: $0.digest)] != nil }
        }
        checkLayers(entries, leftOut: try readNotes(file, entries))
        return Set(manifest.listedDigests.compactMap { (try? Digest($0)).map(ArchivePlan.entryName) })
    }

    /// Verifies the notes' form; gives the layers that a delta leaves out.
    private mutating func readNotes(_ file: InputFile, _ entries: [String: TarWalk.Entry]) throws -> Set<Digest> {
        guard let entry = entries[PackageNotes.entryName] else { return [] }
        guard entry.size <= Int64(ArchiveReader.manifestLimit) else {
            findings.append(PackageFault(.size, entry.name, "it claims \(entry.size) bytes"))
            return []
        }
        let bytes = try file.bytes(at: entry.offset, count: Int(entry.size), entry: entry.name)
        guard (try? PackageNotes(decoding: bytes, path: path)) != nil,
            let delta = try? JSONDecoder().decode(Delta.self, from: Data(bytes))
        else {
            findings.append(PackageFault(.manifest, entry.name, "it is not the JSON of a package's notes"))
            return []
        }
        return Set((delta.leftOut ?? []).map(\.digest))
    }

    private struct Delta: Decodable {
        struct Layer: Decodable { var digest: Digest }
        var leftOut: [Layer]?
    }

    /// Whether each layer of the images has its entry, of the right size.
    private mutating func checkLayers(_ entries: [String: TarWalk.Entry], leftOut: Set<Digest>) {
        var seen: [Digest: Int64] = [:]
        for leaf in trees.flatMap(\.images) {
            for layer in leaf.carriedLayers {
                let name = ArchivePlan.entryName(of: layer.digest)
                if let size = seen[layer.digest] {
                    guard size != layer.size else { continue }
                    findings.append(
                        PackageFault(.size, name, "it has \(size) bytes by one manifest and \(layer.size) by another")
                    )
                    continue
                }
                seen[layer.digest] = layer.size
                guard let entry = entries[name] else {
                    if leftOut.contains(layer.digest) {
                        findings.append(
                            PackageFault(.leftOut, name, "the package is a delta: it leaves this layer out")
                        )
                        continue
                    }
                    findings.append(
                        PackageFault(.missing, name, "the layer's entry is missing; \(leaf.reference) needs it")
                    )
                    continue
                }
                guard entry.size != layer.size else { continue }
                findings.append(
                    PackageFault(.size, name, "it has \(entry.size) bytes where the manifest says \(layer.size)")
                )
            }
        }
    }

    private static func digest(ofEntry name: String) -> Digest? {
        guard name.hasPrefix("sha256-"), name.hasSuffix(".tar.gz") else { return nil }
        return try? Digest("sha256:" + name.dropFirst(7).dropLast(7))
    }

    private static func fault(
        in entry: TarWalk.Entry,
        of file: InputFile,
        counting item: TransferProgress.Item?
    ) throws -> PackageFault? {
        var digester = Digester()
        var offset = entry.offset
        let end = entry.offset + entry.size
        while offset < end {
            try Task.checkCancellation()
            let buffer = try file.buffer(at: offset, count: Int(min(end - offset, 512 << 10)), entry: entry.name)
            buffer.withUnsafeReadableBytes { digester.update($0) }
            offset += Int64(buffer.readableBytes)
            item?.add(buffer.readableBytes)
        }
        let digest = digester.finish()
        guard digest != Self.digest(ofEntry: entry.name) else { return nil }
        return PackageFault(.altered, entry.name, "its bytes are other ones: their digest is \(digest)")
    }
}
