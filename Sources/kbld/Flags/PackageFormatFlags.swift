import ArgumentParser
import Compression
import KbldWorkflows
import Packages

/// Which format a package is written in.
struct PackageFormatFlags: ParsableArguments {
    /// The formats that can be written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// kbld's tarball.
        case kbld
        /// An OCI image layout.
        case oci
        /// An OCI image layout with the names by which runtimes know images.
        case runtime
        /// A tarball as `docker save` writes it.
        case dockerArchive = "docker-archive"

        /// The same for the workflows.
        var outputFormat: PackageOutputFormat {
            switch self {
            case .kbld: .kbld
            case .oci, .runtime: .oci
            case .dockerArchive: .dockerArchive
            }
        }
    }

    @Option(
        help: ArgumentHelp(
            "kbld, oci, runtime, docker-archive",
            discussion:
                "oci: OCI layout, in a folder where --output is one or ends with /, else in a tarball. runtime: the "
                + "same with names by digest and tag, which containerd, k3s, podman and kind load. docker-archive: as "
                + "docker save writes it; digests are lost."
        )
    )
    var format = Format.kbld

    @OptionGroup var namingFlags: LayoutNamingFlags
    @OptionGroup var compressionFlags: CompressionFlags

    /// Makes sure that the flags go with each other.
    ///
    /// - Throws: `ValidationError`.
    func check(output: String?) throws { try compressionFlags.check(format, output: output) }

    func validate() throws { try namingFlags.check(format) }

    /// What the flag means.
    var outputFormat: PackageOutputFormat { format.outputFormat }

    /// How the package is compressed; nil for one that isn't.
    var compression: CompressionSetting? { compressionFlags.setting }

    /// The names that a layout has for runtimes; nil where there needn't be any.
    var naming: LayoutNaming? { namingFlags.naming(in: format) }
}
