import ArgumentParser
import ClusterConfiguration
import KbldWorkflows

/// Whether a configuration for nodes is written beside an upload, and where.
struct MirrorOutputFlags: ParsableArguments {
    @Option(
        name: .customLong("mirror-config"),
        help: ArgumentHelp(
            "Folder for the configuration of nodes.",
            discussion: "With it nodes pull images under their original names from the repository.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var folder: String?

    @Option(
        name: .customLong("mirror-config-format"),
        help: ArgumentHelp(
            "Formats: hosts.toml, idms …",
            discussion:
                "Comma-separated: \(ConfigurationFormat.allCases.map(\.rawValue).joined(separator: ", ")). Without "
                + "it, all that can express where the images are.",
            valueName: "formats"
        )
    )
    var formats: [String] = []

    @OptionGroup var mirrorFlags: MirrorFlags

    func validate() throws {
        guard let folder else {
            guard formats.isEmpty, !mirrorFlags.areGiven else {
                throw ValidationError("missing --mirror-config FOLDER, which the other flags of mirrors need")
            }
            return
        }
        guard !folder.isEmpty else { throw ValidationError("--mirror-config must name a folder") }
        _ = try mirrorFlags.settings(folder: folder, formats: formats)
    }

    /// What the flags mean; nil where no configuration is asked for.
    func settings() throws -> MirrorSettings? {
        try folder.map { try mirrorFlags.settings(folder: $0, formats: formats) }
    }
}
