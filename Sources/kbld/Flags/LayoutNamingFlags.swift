import ArgumentParser
import Packages

/// The names that layouts have for runtimes.
struct LayoutNamingFlags: ParsableArguments {
    @Option(
        name: .customLong("name-by"),
        help: ArgumentHelp(
            "digest, tag, or digest,tag",
            discussion: "The names of images in a layout, by which runtimes find them once they are loaded.",
            valueName: "names"
        ),
        completion: .list(["digest", "tag", "digest,tag"])
    )
    var names: String?

    @Flag(
        name: .customLong("docker-compatible"),
        help: ArgumentHelp(
            "Let older versions of Docker load it.",
            discussion: "A layout gets a manifest.json as well, of images for one platform."
        )
    )
    var isDockerCompatible = false

    func validate() throws { _ = try kinds() }

    /// Makes sure that the flags go with `format`.
    ///
    /// - Throws: `ValidationError` for a format that isn't a layout.
    func check(_ format: PackageFormatFlags.Format) throws {
        guard format != .oci, format != .runtime else { return }
        guard names == nil else { throw ValidationError("--name-by needs --format oci or --format runtime") }
        guard !isDockerCompatible else {
            throw ValidationError("--docker-compatible needs --format oci or --format runtime")
        }
    }

    /// What the flags mean for `format`; nil where a layout has the names that it always has.
    func naming(in format: PackageFormatFlags.Format) -> LayoutNaming? {
        let kinds = try? kinds()
        guard format == .runtime || (format == .oci && (kinds != nil || isDockerCompatible)) else { return nil }
        var naming = LayoutNaming()
        if let kinds { (naming.byDigest, naming.byTag) = (kinds.contains("digest"), kinds.contains("tag")) }
        naming.isDockerCompatible = isDockerCompatible
        return naming
    }

    private func kinds() throws -> Set<Substring>? {
        guard let names else { return nil }
        let kinds = Set(names.split(separator: ",", omittingEmptySubsequences: false))
        guard !kinds.isEmpty, kinds.isSubset(of: ["digest", "tag"]) else {
            throw ValidationError("--name-by must be digest, tag or digest,tag, not '\(names)'")
        }
        return kinds
    }
}
