import ContainerImage
import ImageStore
import ImageTransfer
import LibC
import Packages

/// The formats that packages are written in.
public enum PackageOutputFormat: String, Sendable, CaseIterable {
    /// kbld's tarball.
    case kbld
    /// An OCI image layout.
    case oci
    /// A tarball as `docker save` writes it, which has no registry manifests.
    case dockerArchive = "docker-archive"

    /// The formats that keep digests.
    public static let allCases: [PackageOutputFormat] = [.kbld, .oci]

    /// Whether what is written at `path` in `format` is a folder, and no file.
    public static func isFolder(_ path: String, in format: PackageOutputFormat) -> Bool {
        PackageLayout.isFolder(path, in: format)
    }
}

/// The layout of a package in the format that is written.
enum PackageLayout: Sendable {
    /// A tarball of kbld's or Docker's.
    case tarball(ArchivePlan)
    /// An OCI image layout, in a folder or a tarball.
    case layout(LayoutPlan, isFolder: Bool)

    /// Lays out `images` for what will be at `path`.
    ///
    /// - Parameters:
    ///   - metadata: What the package says of them.
    ///   - absent: Layers that the other side has; nil for a package that is not a delta.
    ///   - first: Layers that come before all others in a tarball of kbld's.
    /// - Throws: `ArchiveError` when manifests contradict each other or can't be packaged.
    init(
        _ images: ImagesWithArtifacts,
        metadata: PackageMetadata,
        as format: PackageOutputFormat,
        at path: String,
        naming: LayoutNaming? = nil,
        omitting absent: Set<Digest>?,
        first: Set<Digest>
    ) throws {
        try self.init(images.trees, metadata, as: format, at: path, naming: naming, omitting: absent, first: first)
    }

    /// Lays out `trees` for what will be at `path`.
    ///
    /// - Throws: `ArchiveError` when manifests contradict each other or can't be packaged.
    init(
        _ trees: [ImageTree],
        _ metadata: PackageMetadata,
        as format: PackageOutputFormat,
        at path: String,
        naming: LayoutNaming? = nil,
        omitting absent: Set<Digest>? = nil,
        first: Set<Digest> = []
    ) throws {
        switch format {
        case .kbld: self = .tarball(try ArchivePlan(trees, metadata: metadata, omitting: absent, first: first))
        case .dockerArchive: self = .tarball(try ArchivePlan(dockerArchiveOf: trees, metadata: metadata))
        case .oci:
            let layout = try LayoutPlan(trees, metadata: metadata, naming: naming)
            self = .layout(layout, isFolder: Self.isFolder(path, in: format))
        }
    }

    /// Whether what is written at `path` is a folder, and no file.
    static func isFolder(_ path: String, in format: PackageOutputFormat) -> Bool {
        var status = stat()
        guard format == .oci else { return false }
        return path.hasSuffix("/") || (stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
    }

    /// The tarball that it is; nil for a folder.
    ///
    /// - Throws: `ArchiveError.tooLarge` when there can be no file of that size.
    func tarball() throws(ArchiveError) -> ArchivePlan? {
        switch self {
        case .tarball(let plan): plan
        case .layout(let plan, let isFolder): isFolder ? nil : try plan.archive()
        }
    }

    /// What a signature of the package is about.
    var seal: PackageSeal {
        switch self {
        case .tarball(let plan): plan.seal
        case .layout(let plan, _): plan.seal
        }
    }

    /// The same package with a signature.
    func signed(with signature: [UInt8]) throws(ArchiveError) -> PackageLayout {
        switch self {
        case .tarball(let plan): .tarball(try plan.signed(with: signature))
        case .layout(let plan, let isFolder): .layout(plan.signed(with: signature), isFolder: isFolder)
        }
    }

    /// Writes the package where `writer` goes.
    func write(
        to writer: ArchiveWriter,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        if case .layout(let layout, isFolder: true) = self {
            try await LayoutFolderWriter(path: writer.path)
                .write(layout, from: source, atMost: limit, progress: progress)
        } else if let plan = try tarball() {
            try await writer.write(plan, from: source, atMost: limit, progress: progress)
        }
    }
}
