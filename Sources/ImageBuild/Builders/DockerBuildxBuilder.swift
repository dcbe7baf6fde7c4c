import ContainerImage
import KbldConfiguration

/// `docker buildx build`: pushes by itself where there is a destination.
struct DockerBuildxBuilder: Sendable {
    let docker: DockerBuilder

    /// Builds; gives a reference by digest, or the stable local name.
    func build(
        _ image: String,
        from folder: String,
        _ options: ContainerfileOptions,
        destination: BuildDestination?,
        by process: BuildProcess
    ) async throws -> String {
        let name = (destination?.newImage ?? "kbld") + ":" + TemporaryTag.unstable(for: image)
        process.note("starting build (using Docker buildx): \(folder) -> \(name)")
        var arguments = ["buildx", "build", "--progress=plain"]
        if !options.platforms.isEmpty { arguments += ["--platform", options.platforms.joined(separator: ",")] }
        arguments += options.commonArguments + ["--tag", name, ".", destination == nil ? "--load" : "--push"]
        let output: BuildProcess.Output
        do {
            output = try await process.run("docker", arguments, in: folder)
        } catch let error as BuildError {
            if "\(error)".contains("does not currently support exporting manifest lists") {
                process.note("(hint: configure a destination: images for several platforms can't be loaded locally)")
            }
            throw error
        }
        guard let destination else {
            let id = try await docker.id(of: name, by: process)
            let stable = try await docker.retag(name, for: image, id: id, by: process)
            process.note("finished build (using Docker buildx)")
            return stable
        }
        let match = output.standardError.firstMatch(of: #/pushing manifest for .*@sha256:([0-9a-z]+) /#)
        guard let match else {
            throw BuildError.badOutput(program: "docker buildx build", lacks: "the digest that was pushed")
        }
        process.note("finished build (using Docker buildx)")
        return try DigestReference("\(destination.newImage)@sha256:\(match.1)").description
    }
}
