import ArgumentParser
import ContainerImage
import Glibc
import ImageStore
import ImageTransfer
import Packages

/// Which format a package is written in.
struct PackageFormatFlags: ParsableArguments {
    /// The formats that can be written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// kbld's tarball.
        case kbld
        /// An OCI image layout.
        case oci
    }

    @Option(
        help: ArgumentHelp(
            "kbld, or oci: an OCI image layout, in a folder where --output is one or ends with /, else in a tarball."
        )
    )
    var format = Format.kbld

    /// Writes the package of `images` where `writer` goes; in kbld's own format as `plan` lays it out.
    func write(
        _ images: ImagesWithArtifacts,
        as plan: ArchivePlan,
        to writer: ArchiveWriter,
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        if writesFolder(writer.path) {
            try await LayoutFolderWriter(path: writer.path)
                .write(try layout(of: images), from: source, atMost: limit, progress: progress)
        } else {
            let plan = format == .kbld ? plan : try layout(of: images).archive()
            try await writer.write(plan, from: source, atMost: limit, progress: progress)
        }
    }

    private func layout(of images: ImagesWithArtifacts) throws -> LayoutPlan {
        try LayoutPlan(images.trees, notes: PackageNotes(images))
    }

    /// Whether a folder is written, and no file.
    func writesFolder(_ path: String) -> Bool {
        var status = stat()
        guard format == .oci else { return false }
        return path.hasSuffix("/") || (stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
    }
}
