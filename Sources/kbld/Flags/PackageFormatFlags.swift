import ArgumentParser
import KbldWorkflows

/// Which format a package is written in.
struct PackageFormatFlags: ParsableArguments {
    /// The formats that can be written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// kbld's tarball.
        case kbld
        /// An OCI image layout.
        case oci

        /// The same for the workflows.
        var outputFormat: PackageOutputFormat {
            switch self {
            case .kbld: .kbld
            case .oci: .oci
            }
        }
    }

    @Option(
        help: ArgumentHelp(
            "kbld, or oci: OCI layout.",
            discussion: "A layout is in a folder where --output is one or ends with /, else in a tarball."
        )
    )
    var format = Format.kbld

    /// What the flag means.
    var outputFormat: PackageOutputFormat { format.outputFormat }
}
