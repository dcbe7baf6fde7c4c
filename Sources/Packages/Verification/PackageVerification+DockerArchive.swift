import ContainerImage
import ImageStore

extension PackageVerification {
    /// Verifies a tarball of `docker save`: that configs and layers are there, and are what their names and the configs
    /// say. Of compressed layers the config has no digest; only their names may tell one.
    mutating func verifyDockerArchive(
        _ files: TarFiles,
        items: [DockerArchiveReader.Item],
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        var layers: [String: (place: FileSlice, digest: Digest?)] = [:]
        for item in items {
            ledger.addRoot(item.repoTags?.first ?? item.config, item.config)
            ledger.addNode(item.config, names: [item.config] + item.layers)
            guard let config = config(of: item, in: files) else { continue }
            let diffIDs = ImageConfig(config).diffIDs
            if diffIDs.count != item.layers.count {
                add(
                    .manifest,
                    item.config,
                    "the config has \(Count.text(diffIDs.count, "layer")), but manifest.json has \(item.layers.count)"
                )
            }
            for (position, name) in item.layers.enumerated() where layers[name] == nil {
                guard let place = place(of: name, in: files) else { continue }
                let start = try place.file.bytes(at: place.offset, count: Int(min(4, place.size)), entry: name)
                if DockerLayers.compression(start) == nil {
                    layers[name] = (place, position < diffIDs.count ? try? Digest(diffIDs[position]) : nil)
                } else if let digest = Self.digest(inName: name), name.hasPrefix("blobs/") {
                    layers[name] = (place, digest)
                }
            }
        }
        try await hash(layers.sorted { $0.key < $1.key }.map(\.value), atMost: limit, progress: progress)
        guard errors.isEmpty else { return }
        do {
            let package = try await DockerArchiveReader(files, items: items)
            trees = package.trees
            names = package.names
        } catch let error as ArchiveError {
            add(.manifest, "manifest.json", "\(error)")
        }
    }

    private mutating func config(of item: DockerArchiveReader.Item, in files: TarFiles) -> [UInt8]? {
        guard let place = place(of: item.config, in: files) else { return nil }
        do {
            let bytes = try files.bytes(of: item.config, limit: Int64(ImageConfig.sizeLimit))
            if let stated = Self.digest(inName: item.config), !stated.matches(bytes) {
                let digest = Digest(of: bytes, by: stated.algorithm)
                add(.altered, place.name, "digest mismatch: content is \(digest)")
            }
            return bytes
        } catch {
            add(.size, item.config, "\(error)")
            return nil
        }
    }

    private mutating func place(of name: String, in files: TarFiles) -> FileSlice? {
        do {
            if let place = try files.place(of: name) { return place }
            add(.missing, name, "manifest.json refers to it, but it is missing")
        } catch {
            add(.structure, name, "\(error)")
        }
        return nil
    }

    private mutating func add(_ kind: PackageIssue.Kind, _ subject: String, _ message: HintedText) {
        let issue = PackageIssue(kind, subject, message)
        if !findings.contains(issue) { findings.append(issue) }
    }

    /// The digest that a name such as `blobs/sha256/<hex>` or `<hex>.json` has in it.
    private static func digest(inName name: String) -> Digest? {
        let parts = name.split(separator: "/")
        let hex = parts.last?.prefix { $0 != "." } ?? ""
        let algorithm = parts.count == 3 && parts[0] == "blobs" ? parts[1] : "sha256"
        return try? Digest("\(algorithm):\(hex)")
    }
}
