public import ContainerImage
public import ImageFiles
public import ImageStore
import LocalFiles
public import NIOCore
import PackageReport
import Packages
import SystemPackage

/// What is in a package: its manifests, configs and layers, and the files of its images.
public struct PackageContentsWorkflow: Sendable {
    /// Something that the package holds under its digest.
    public struct Item: Sendable, Equatable {
        /// What it is.
        public enum Kind: String, Sendable {
            case index, image, artifact, attestation, config, layer
        }

        /// Its digest.
        public var digest: Digest
        /// What it is.
        public var kind: Kind
        /// How many bytes it has.
        public var size: Int64
        /// The platform that an image is for, as an index says or its config; empty where there is none.
        public var platform: String
        /// The image or index that has it, or that it is.
        public var reference: DigestReference
    }

    /// Part of an image.
    public enum Part: Sendable {
        /// The manifest or index; a blob, where one is named.
        case itself
        /// The config.
        case config
    }

    private let package: AnyPackage

    /// Opens a package.
    ///
    /// - Parameter temporaryFolder: Where a compressed one is decompressed; nil for the folder of temporary files.
    /// - Throws: `ArchiveError` and others naming the package.
    public init(_ path: String, temporaryFolder: String? = nil) async throws {
        package = try await AnyPackage(path: path, temporaryFolder: temporaryFolder)
    }

    /// Everything in the package, or in the image or index `name`: each digest once, images before what they have.
    ///
    /// - Parameter platform: Whose images alone are listed, with the indexes that have them; nil for all.
    /// - Throws: `PackagedSubjectError` when there is no such image, or none for the platform.
    public func items(of name: String?, for platform: Platform? = nil) throws(PackagedSubjectError) -> [Item] {
        let all = try items(of: name)
        guard let platform else { return all }
        func fits(_ tree: ImageTree) -> Bool {
            switch tree {
            case .index(let index): return index.children.contains(where: fits)
            case .image(let image):
                let own = all.first { $0.digest == image.manifest.digest }?.platform
                return own.flatMap { try? Platform($0) }?.satisfies(platform) == true
            }
        }
        let fitting = package.trees.flatMap(\.all).filter(fits)
        var digests = Set(fitting.map(\.manifest.digest))
        for case .image(let image) in fitting {
            digests.insert(image.parsed.config.digest)
            digests.formUnion(image.parsed.layers.map(\.digest))
        }
        let items = all.filter { digests.contains($0.digest) }
        guard !items.isEmpty else {
            let platforms = Set(all.map(\.platform)).subtracting([""]).sorted()
            throw PackagedSubjectError(
                name: name ?? package.path,
                path: package.path,
                reason: .noPlatform,
                references: platforms
            )
        }
        return items
    }

    private func items(of name: String?) throws(PackagedSubjectError) -> [Item] {
        var items: [Item] = []
        var seen: Set<Digest> = []
        // What an image is, is said once for all commands.
        let facts = Dictionary(
            PackageReport(package.trees, subject: package.path).images.map { ($0.digest, $0) }
        ) { first, _ in first }
        guard let name else {
            for tree in package.trees { Self.collect(tree, facts, &items, &seen) }
            return items
        }
        switch try PackagedSubject(name, in: package).content {
        case .tree(let tree): Self.collect(tree, facts, &items, &seen)
        case .blob:
            throw PackagedSubjectError(name: name, path: package.path, reason: .blob, references: [])
        }
        return items
    }

    private static func collect(
        _ tree: ImageTree,
        _ facts: [Digest: PackageReport.Image],
        _ items: inout [Item],
        _ seen: inout Set<Digest>
    ) {
        guard seen.insert(tree.manifest.digest).inserted else { return }
        let own = facts[tree.manifest.digest]
        func add(_ digest: Digest, _ kind: Item.Kind, _ size: Int64) {
            let platform = own?.platform ?? ""
            items.append(
                Item(digest: digest, kind: kind, size: size, platform: platform, reference: tree.reference)
            )
        }
        let size = Int64(tree.manifest.bytes.count)
        switch tree {
        case .index(let index):
            add(tree.manifest.digest, .index, size)
            for child in index.children { collect(child, facts, &items, &seen) }
        case .image(let image):
            add(tree.manifest.digest, own.flatMap { Item.Kind(rawValue: $0.kindName) } ?? .image, size)
            let config = image.parsed.config
            if seen.insert(config.digest).inserted { add(config.digest, .config, config.size) }
            for layer in image.packagedLayers where seen.insert(layer.digest).inserted {
                add(layer.digest, .layer, layer.size)
            }
        }
    }

    /// Whether `name` has a path behind it: `app:/etc/hosts`.
    public func namesFiles(_ name: String) throws(PackagedSubjectError) -> Bool {
        try PackagedSubject(name, in: package).path != nil
    }

    /// The files that `name` leads to: a path in an image.
    ///
    /// - Parameter platform: Which image of an index; nil where it has but one.
    /// - Throws: `PackagedSubjectError`, `ImageFilesError`, `FilePathError`.
    public func files(
        of name: String,
        for platform: Platform?,
        progress: TransferProgress?
    ) async throws -> [ImageFiles.Entry] {
        let subject = try PackagedSubject(name, in: package)
        return try await files(of: subject, name, platform, progress).entries(at: subject.path ?? "/")
    }

    /// Gives what `name` means to `body`, piece by piece: a file, a manifest, a config, a layer as it is stored. It is verified;
    /// of what is altered an error follows the last piece.
    ///
    /// - Parameters:
    ///   - part: Which part of an image, where there is no path.
    ///   - platform: Which image of an index; nil where it has but one.
    public func read(
        _ name: String,
        _ part: Part,
        for platform: Platform?,
        progress: TransferProgress?,
        _ body: (ByteBuffer) async throws -> Void
    ) async throws {
        let subject = try PackagedSubject(name, in: package)
        if let path = subject.path {
            return try await files(of: subject, name, platform, progress).read(path, body)
        }
        let blob: Descriptor
        switch (subject.content, part) {
        case (.blob(let descriptor), _): blob = descriptor
        case (.tree(let tree), .itself):
            let bytes =
                platform == nil
                ? tree.manifest.bytes
                : try subject.image(for: platform, in: package, named: name).manifest.bytes
            return try await body(ByteBuffer(bytes: bytes))
        case (.tree, .config):
            // It was verified when the package was opened.
            let image = try subject.image(for: platform, in: package, named: name)
            return try await body(ByteBuffer(bytes: image.config))
        }
        for try await chunk in try await package.content(of: blob, from: 0).verified(as: blob) { try await body(chunk) }
    }

    /// Writes what `name` means to `output`: a folder, or a file that appears only when it is whole.
    ///
    /// - Returns: What was written of a folder; nil for a file.
    /// - Throws: `TextFileError`, `FileWritingError` naming the file; what reading throws.
    public func extract(
        _ name: String,
        _ part: Part,
        for platform: Platform?,
        to output: String,
        progress: TransferProgress?
    ) async throws -> ImageFiles.Written? {
        let subject = try PackagedSubject(name, in: package)
        if let path = subject.path {
            let files = try await files(of: subject, name, platform, progress)
            if try files.isFolder(path) { return try await files.write(path, into: output) }
            try await write(to: output) { try await files.read(path, $0) }
        } else {
            try await write(to: output) { try await read(name, part, for: platform, progress: progress, $0) }
        }
        return nil
    }

    private func files(
        of subject: PackagedSubject,
        _ name: String,
        _ platform: Platform?,
        _ progress: TransferProgress?
    ) async throws -> ImageFiles {
        try await ImageFiles(
            of: try subject.image(for: platform, in: package, named: name),
            in: package,
            progress: progress
        )
    }

    private func write(
        to output: String,
        _ content: ((ByteBuffer) async throws -> Void) async throws -> Void
    ) async throws {
        let file: AtomicFile
        do {
            file = try AtomicFile(path: output, start: .anew, permissions: FilePermissions(rawValue: 0o644))
        } catch {
            throw TextFileError(path: output, reason: error.reason)
        }
        do {
            try await content { chunk in
                do {
                    _ = try file.descriptor.writeAll(chunk.readableBytesView)
                } catch {
                    throw TextFileError(path: output, reason: "\(error)")
                }
            }
        } catch {
            file.discard()
            throw error
        }
        do { try file.commit() } catch { throw TextFileError(path: output, reason: error.reason) }
    }
}
