import ArgumentParser
import ContainerImage
import ImageTransfer
import KbldWorkflows

/// Where images go, and under which names.
struct DestinationFlags: ParsableArguments {
    @Option(
        name: [.customShort("r", allowingJoined: true), .customLong("repository")],
        help: ArgumentHelp(
            "Repository to upload the images to.",
            discussion: "Repeatable: each gets all images, and the printed documents name the first.",
            valueName: "repository"
        )
    )
    var repositories: [String] = []

    /// In which repositories images arrive.
    enum Layout: String, ExpressibleByArgument, CaseIterable {
        case flat, mirror
        case mirrorWithHost = "mirror-with-host"

        /// The same for the workflows.
        var value: RepositoryLayout {
            switch self {
            case .flat: .flat
            case .mirror: .mirror
            case .mirrorWithHost: .mirrorWithHost
            }
        }
    }

    @Option(
        name: .customLong("repository-layout"),
        help: ArgumentHelp(
            "flat (default), mirror, mirror-with-host",
            discussion: "flat: all images go into the repository; mirror: each goes below it, under its own path; "
                + "mirror-with-host: under its own host and path.",
            valueName: "layout"
        )
    )
    var layout = Layout.flat

    @Flag(
        name: .customLong("tag-with-origin"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Add the tags that images had.",
            discussion: "They are in the documents' annotations. All images are tagged as sha256-….imgpkg as well."
        )
    )
    var tagsWithOrigin = false

    /// Makes sure that there is a repository, and that images can go there.
    ///
    /// - Throws: `ValidationError`.
    func check() throws {
        guard !repositories.isEmpty, !repositories.contains("") else {
            throw ValidationError("missing required option --repository")
        }
        _ = try plan()
    }

    /// Whether any of the flags was given.
    var areGiven: Bool { !repositories.isEmpty || layout != .flat || tagsWithOrigin }

    /// The flags as arguments.
    var arguments: [String] {
        repositories.flatMap { ["-r", $0] } + (layout == .flat ? [] : ["--repository-layout", layout.rawValue])
            + (tagsWithOrigin ? ["--tag-with-origin"] : [])
    }

    /// What the flags mean.
    ///
    /// - Throws: `ValidationError` for a malformed repository, and where there is none.
    func plan() throws -> DestinationPlan {
        let roots = try repositories.map { try root($0) }
        guard let root = roots.first else { throw ValidationError("missing required option --repository") }
        return DestinationPlan(
            in: root,
            and: Array(roots.dropFirst()),
            layout: layout.value,
            tagsWithOrigin: tagsWithOrigin
        )
    }

    /// A repository, or a registry below which images keep their paths.
    private func root(_ text: String) throws -> RepositoryRoot {
        if layout.value.keepsPaths { return try RepositoryArgument.root(text, of: "--repository") }
        return RepositoryRoot(try RepositoryArgument.repository(text, of: "--repository"))
    }
}
