import ArgumentParser
import ContainerImage
import FoundationEssentials
import KbldWorkflows
import Packages

/// Which images are packaged beside those of documents, and whether tags are resolved first.
struct ResolvingFlags: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Images to package: nginx:1.29", discussion: "They imply --resolve.", valueName: "image")
    )
    var images: [String] = []

    @Option(
        name: .customLong("image-list-file"),
        help: ArgumentHelp(
            "File of images to package, one a line.",
            discussion: "# begins a comment; - is standard input. It implies --resolve. Repeatable.",
            valueName: "file"
        )
    )
    var lists: [String] = []

    @Flag(inversion: .prefixedNo, help: "Resolve tags to digests first.")
    var resolve = false

    @Option(
        name: .customLong("resolved-output"),
        help: ArgumentHelp("With --resolve: documents to write.", valueName: "file")
    )
    var resolvedOutput: String?

    @Option(
        name: .customLong("lock-output"),
        help: ArgumentHelp("With --resolve: lock file to write.", valueName: "file")
    )
    var lockOutput: String?

    @Option(
        name: .customLong("imgpkg-lock-output"),
        help: ArgumentHelp("With --resolve: ImagesLock to write.", valueName: "file")
    )
    var imgpkgLockOutput: String?

    /// Whether tags are resolved.
    var resolves: Bool { resolve || !images.isEmpty || !lists.isEmpty }

    func validate() throws {
        for image in images { try Self.check(image) }
        let outputs = [
            ("--resolved-output", resolvedOutput), ("--lock-output", lockOutput),
            ("--imgpkg-lock-output", imgpkgLockOutput),
        ]
        for (flag, path) in outputs {
            guard let path else { continue }
            guard !path.isEmpty else { throw ValidationError("\(flag) must be a path") }
            guard resolves else { throw ValidationError("\(flag) needs --resolve") }
        }
        guard lockOutput == nil || imgpkgLockOutput == nil else {
            throw ValidationError("--lock-output and --imgpkg-lock-output are mutually exclusive")
        }
    }

    /// What is resolved: the documents' references, and the images that were named.
    ///
    /// - Throws: `ImageListError` naming the file and the line.
    func options(files: [String]) throws -> ResolveWorkflow.Options {
        var options = ResolveWorkflow.Options(files: files)
        options.images = images + (try lists.flatMap { try ImageList.read($0) })
        options.lockOutput = lockOutput
        options.imgpkgLockOutput = imgpkgLockOutput
        options.buildLog = { Log.write($0) }
        return options
    }

    /// Files, and what is no reference, are told from images before anybody asks a registry for them.
    private static func check(_ image: String) throws {
        guard !AnyPackage.looksLikePackage(image) else {
            throw ValidationError(
                "'\(image)' is a package, not an image; 'kbld copy' copies one, 'kbld package merge' joins several"
            )
        }
        guard !ImageSubject.looksLikeFile(image), image != "-", !FileManager.default.fileExists(atPath: image) else {
            throw ValidationError(
                "'\(image)' is a file, not an image; documents are given with --file, as in -f app.yml"
            )
        }
        do {
            _ = try ImageReference(image)
        } catch {
            throw ValidationError(Hints.lines(describing: error).joined(separator: "\n"))
        }
    }
}
