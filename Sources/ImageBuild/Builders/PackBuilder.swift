import KbldConfiguration

/// `pack build`, of Cloud Native Buildpacks: the image is in docker then.
struct PackBuilder: Sendable {
    let docker: DockerBuilder

    /// Builds, and gives the image's stable local name.
    func build(
        _ image: String,
        from folder: String,
        _ options: PackOptions,
        by process: BuildProcess
    ) async throws -> String {
        process.note("starting build (using pack): \(folder)")
        // Without --verbose the image's ID isn't printed.
        var arguments = ["build", "--verbose", image, "--path", ".", "--builder", options.builder]
        for buildpack in options.buildpacks { arguments += ["--buildpack", buildpack] }
        if options.clearCache { arguments.append("--clear-cache") }
        arguments += options.rawOptions
        let output = try await process.run("pack", arguments, in: folder)
        guard let match = output.standardOutput.firstMatch(of: #/Image ID: (sha256:)?([0-9a-z]+)/#) else {
            throw BuildError.badOutput(program: "pack build", lacks: "the image's ID")
        }
        let id = "sha256:\(match.2)"
        let stable = try await docker.retag(id, for: image, id: id, by: process)
        process.note("finished build (using pack)")
        return stable
    }
}
