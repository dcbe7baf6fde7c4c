import ArgumentParser
import Compression
import KbldWorkflows

/// Whether a package that is written is compressed as a whole.
struct CompressionFlags: ParsableArguments {
    @Option(
        name: .customLong("compress"),
        help: ArgumentHelp(
            "gzip or zstd, of the whole archive.",
            discussion:
                "With a level if need be: gzip:1 to gzip:9, zstd:1 to zstd:19. Runtimes load such archives. Layers are "
                + "mostly compressed already.",
            valueName: "method"
        ),
        completion: .list(["gzip", "zstd"])
    )
    var text: String?

    func validate() throws {
        guard let text, CompressionSetting(text) == nil else { return }
        throw ValidationError("--compress must be gzip, zstd, gzip:1 to gzip:9 or zstd:1 to zstd:19, not '\(text)'")
    }

    /// Makes sure that the flag goes with `format`.
    ///
    /// - Throws: `ValidationError` for kbld's own format, and for a folder.
    func check(_ format: PackageFormatFlags.Format, output: String?) throws {
        guard text != nil else { return }
        guard format != .kbld else {
            throw ValidationError(
                "--compress needs --format oci, runtime or docker-archive; kbld's own packages are read in place"
            )
        }
        guard output.map({ PackageOutputFormat.isFolder($0, in: format.outputFormat) }) != true else {
            throw ValidationError("--compress needs an archive; '\(output ?? "")' is a folder")
        }
    }

    /// What the flag means; nil without it.
    var setting: CompressionSetting? { text.flatMap { CompressionSetting($0) } }
}
