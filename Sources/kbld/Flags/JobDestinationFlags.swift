import ArgumentParser

/// Where the pods of a job put images: as ``DestinationFlags``, for work that needs it.
struct JobDestinationFlags: ParsableArguments {
    @Option(
        name: [.customShort("r", allowingJoined: true), .customLong("repository")],
        help: ArgumentHelp(
            "Repository to upload the images to.",
            discussion: "Repeatable: each gets all images, and the printed documents name the first.",
            valueName: "repository"
        )
    )
    var repositories: [String] = []

    @Option(
        name: .customLong("repository-layout"),
        help: ArgumentHelp(
            "flat (default), mirror, mirror-with-host",
            discussion: "flat: all images go into the repository; mirror: each goes below it, under its own path; "
                + "mirror-with-host: under its own host and path.",
            valueName: "layout"
        )
    )
    var layout = DestinationFlags.Layout.flat

    @Flag(
        name: .customLong("tag-with-origin"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Add the tags that images had.",
            discussion: "They are in the documents' annotations. All images are tagged as sha256-….imgpkg as well."
        )
    )
    var tagsWithOrigin = false

    /// Whether any of the flags was given.
    var areGiven: Bool { !repositories.isEmpty || layout != .flat || tagsWithOrigin }

    /// Makes sure that the pods can do with them.
    ///
    /// - Throws: `ValidationError`.
    func check() throws {
        var flags = DestinationFlags()
        flags.repositories = repositories
        flags.layout = layout
        flags.tagsWithOrigin = tagsWithOrigin
        try flags.validate()
    }

    /// The flags as arguments.
    var arguments: [String] {
        repositories.flatMap { ["-r", $0] } + (layout == .flat ? [] : ["--repository-layout", layout.rawValue])
            + (tagsWithOrigin ? ["--tag-with-origin"] : [])
    }
}
