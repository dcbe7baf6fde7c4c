import ArgumentParser
import ContainerImage
import KbldWorkflows

/// Which part of which image of a package is meant.
struct PackagedSubjectFlags: ParsableArguments {
    @Argument(help: ArgumentHelp("The package.", valueName: "package"), completion: .file())
    var bare: String?

    @Argument(
        help: ArgumentHelp(
            "An image by reference or digest, or a layer by digest; with :/path behind it, a path in the image.",
            valueName: "image"
        )
    )
    var bareName: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The package, in place of the argument.", valueName: "file"),
        completion: .file()
    )
    var input: String?

    @Flag(help: "The image's config, rather than its manifest.")
    var config = false

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp("Of an index, the image for this platform: os/arch[/variant].", valueName: "platform")
    )
    var platformText: String?

    func validate() throws {
        _ = try platform()
        let (_, name) = try PackageArgument.first(input, bare, bareName)
        guard !config || name?.contains(":/") != true else {
            throw ValidationError("--config and a path are mutually exclusive")
        }
    }

    /// The package.
    var package: String { get throws { try PackageArgument.first(input, bare, bareName).package } }

    /// What is named in it, if anything is.
    var named: String? { get throws { try PackageArgument.first(input, bare, bareName).name } }

    /// The package, and the name of something in it.
    func subject() throws -> (package: String, name: String) {
        let (package, name) = try PackageArgument.first(input, bare, bareName)
        guard let name else {
            throw ValidationError("missing the image; 'kbld package ls \(package)' lists what can be named")
        }
        return (package, name)
    }

    /// The platform that is meant, if one is named.
    func platform() throws -> Platform? { try platformText.map { try Platform($0) } }

    /// Which part of an image is meant.
    var part: PackageContentsWorkflow.Part { config ? .config : .itself }
}
