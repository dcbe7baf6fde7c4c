public import ContainerImage
public import ImageStore
import LibC
import LocalFiles
import NIOCore
import Synchronization
import SystemPackage

/// Writes an OCI image layout into a folder. `index.json` comes last, but for a signature of it, so that the folder is a
/// layout only when all of it is there; blobs that are there already stay.
public struct LayoutFolderWriter: Sendable {
    private let path: String

    /// Creates a writer to the folder `path`, which is created if it doesn't exist.
    public init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Writes what `plan` lays out.
    ///
    /// - Parameters:
    ///   - source: Gives the repository that a layer is read from.
    ///   - limit: How many layers are read at once.
    ///   - progress: Counts the layers and their bytes.
    /// - Throws: `LayerError` naming the layer, `ArchiveError` naming the file; `UnfinishedPackageError` where the next run
    ///   can go on from what has come.
    public func write(
        _ plan: LayoutPlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        var folders = NewFolders()
        do {
            // One process at a time: what another lists in the end would be lost.
            let lock = try lock(&folders)
            defer { withExtendedLifetime(lock) {} }
            try prepare(for: plan, &folders)
            try await fill(plan, from: source, atMost: limit, progress: progress)
        } catch {
            // What has come stays, for the next run.
            folders.removeEmpty()
            throw error
        }
    }

    private func fill(
        _ plan: LayoutPlan,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        let layers = plan.layers.sorted { $0.layer.size > $1.layer.size }
        let kept = Mutex<Int64>(0)
        progress?.count(images: plan.imageCount, layers: layers.count)
        progress?.enter(.copy, items: layers.count, bytes: layers.byteTotal(\.layer.size))
        do {
            try await layers.concurrentForEach(atMost: limit) { named in
                let item = progress?.begin(named.repository.path, bytes: named.layer.size)
                do {
                    try await add(named, from: source(named.repository), counting: item)
                    item?.finish()
                } catch {
                    if error is CancellationError || error is ArchiveError { throw error }
                    throw LayerError(layer: named.layer.digest, source: named.repository.description, cause: error)
                }
                kept.withLock { $0 += named.layer.size }
            }
        } catch {
            let keptBytes = kept.withLock { $0 }
            guard keptBytes > 0, UnfinishedPackageError.mayPass(error) else { throw error }
            throw UnfinishedPackageError(
                cause: error,
                place: path,
                keptBytes: keptBytes,
                totalBytes: layers.byteTotal(\.layer.size)
            )
        }
        // At no time is there a signature beside an index that it isn't of.
        try removeSignature(ofOtherThan: plan.index)
        for (digest, bytes) in plan.small { try put(bytes, at: LayoutBlobs.name(of: digest)) }
        try put(LayoutPlan.version, at: "oci-layout")
        if let manifest = plan.dockerManifest { try put(manifest, at: "manifest.json") }
        try put(plan.index, at: "index.json")
        if let signature = plan.signature { try put(signature, at: PackageSeal.entryName) }
    }

    /// Makes the folder where it isn't there, and locks it for as long as the lock lives.
    private func lock(_ folders: inout NewFolders) throws(ArchiveError) -> FileLock {
        try make(path, &folders)
        do {
            return try FileLock(folder: path)
        } catch {
            throw .file(path: path, doing: "Writing package", reason: error.reason)
        }
    }

    /// Makes the folders in it. What is there must be nothing, or a layout without other images that this program wrote.
    private func prepare(for plan: LayoutPlan, _ folders: inout NewFolders) throws(ArchiveError) {
        let files = try FolderFiles(path: path)
        if try files.place(of: "index.json") != nil {
            let there = try? LayoutIndex(of: files)
            let ours = (there?.manifests ?? []).filter {
                $0.annotations?[LayoutNames.referenceName] == Tag.kbldDigestTag(for: $0.digest).name
            }
            let expected = plan.roots.intersection(ours.map(\.digest))
            guard let there, there.passedOver.isEmpty, there.problems.isEmpty,
                there.manifests.allSatisfy({ expected.contains($0.digest) })
            else {
                throw .file(
                    path: path,
                    doing: "Writing package",
                    reason: "the folder has a layout with other images, which would be lost; choose another one"
                )
            }
        } else if try !isEmptyOrBegun() {
            throw .file(
                path: path,
                doing: "Writing package",
                reason: "the folder is neither empty nor an OCI image layout; choose another one"
            )
        }
        let algorithms = Set(plan.small.map(\.digest.algorithm) + plan.layers.map(\.layer.digest.algorithm))
        let names = ["blobs"] + algorithms.union([.sha256]).map { "blobs/\($0.rawValue)" }
        for name in names { try make("\(path)/\(name)", &folders) }
    }

    private func make(_ folder: String, _ folders: inout NewFolders) throws(ArchiveError) {
        do {
            try folders.make(folder)
        } catch {
            throw .file(path: folder, doing: "Writing package", reason: "\(error)")
        }
    }

    /// Whether there is nothing in the folder but blobs, which an earlier attempt may have left.
    private func isEmptyOrBegun() throws(ArchiveError) -> Bool {
        guard let directory = opendir(path) else {
            throw .file(path: path, doing: "Writing package", reason: "\(Errno(rawValue: errno))")
        }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasSuffix(".partial") { names.insert(name) }
        }
        // What is called manifest.json may be anybody's, where it isn't beside what comes before it.
        if names.contains("oci-layout") { names.remove(PackageSeal.tarballManifest) }
        return names.isSubset(of: [".", "..", "blobs", "oci-layout", PackageSeal.entryName])
    }

    /// Removes a signature that is there, unless what it signs stays.
    private func removeSignature(ofOtherThan index: [UInt8]) throws(ArchiveError) {
        let files = try FolderFiles(path: path)
        guard try files.place(of: PackageSeal.entryName) != nil else { return }
        let name = PackageSeal.layoutManifest
        if try files.place(of: name) != nil, try files.bytes(of: name, limit: LayoutReader.indexLimit) == index {
            return
        }
        let signature = "\(path)/\(PackageSeal.entryName)"
        guard unlink(signature) == 0 else {
            throw .file(path: signature, doing: "Writing package", reason: "\(Errno(rawValue: errno))")
        }
    }

    private func add(
        _ named: NamedLayer,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        if try await isThere(named) { return }
        let file = try OutputFile(path: "\(path)/\(named.name)", size: named.layer.size)
        do {
            try await source.rereading(named.layer) {
                var offset: Int64 = 0
                let body = try await source.content(of: named.layer, from: 0).verified(as: named.layer, counting: item)
                for try await chunk in body {
                    try chunk.withUnsafeReadableBytes { try file.write($0, at: offset) }
                    offset += Int64(chunk.readableBytes)
                }
            }
        } catch {
            file.discard()
            throw error
        }
        try file.commit()
    }

    /// Whether a blob is there already, with the right bytes.
    private func isThere(_ named: NamedLayer) async throws -> Bool {
        guard let place = try FolderFiles(path: path).place(of: named.name), place.size == named.layer.size else {
            return false
        }
        do {
            for try await _ in place.content(from: 0).verified(as: named.layer) { try Task.checkCancellation() }
            return true
        } catch is BlobError {
            return false
        }
    }

    private func put(_ bytes: [UInt8], at name: String) throws {
        let file = try OutputFile(path: "\(path)/\(name)", size: Int64(bytes.count))
        do {
            try file.write(bytes, at: 0)
        } catch {
            file.discard()
            throw error
        }
        try file.commit()
    }
}
