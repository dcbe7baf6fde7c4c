import ArgumentParser
import ContainerImage
import KbldWorkflows

/// Which part of which image of a package is meant.
struct PackagedSubjectFlags: ParsableArguments {
    @Argument(help: ArgumentHelp("The package.", valueName: "package"), completion: .file())
    var package: String

    @Argument(
        help: ArgumentHelp(
            "An image by reference or digest, or a layer by digest; with :/path behind it, a path in the image.",
            valueName: "image"
        )
    )
    var named: String?

    @Flag(help: "The image's config, rather than its manifest.")
    var config = false

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp("Of an index, the image for this platform: os/arch[/variant].", valueName: "platform")
    )
    var platformText: String?

    func validate() throws {
        _ = try platform()
        guard !config || named?.contains(":/") != true else {
            throw ValidationError("--config and a path are mutually exclusive")
        }
    }

    /// The image, with or without a path.
    ///
    /// - Throws: `ValidationError` where there is none.
    var name: String {
        get throws {
            guard let named else { throw ValidationError("Missing expected argument '<image>'") }
            return named
        }
    }

    /// The platform that is meant, if one is named.
    func platform() throws -> Platform? { try platformText.map { try Platform($0) } }

    /// Which part of an image is meant.
    var part: PackageContentsWorkflow.Part { config ? .config : .itself }
}
