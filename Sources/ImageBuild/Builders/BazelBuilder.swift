/// `bazel run` of a target that loads an image into docker.
struct BazelBuilder: Sendable {
    let docker: DockerBuilder

    /// Builds, and gives the image's stable local name.
    func build(
        _ image: String,
        from folder: String,
        target: String,
        _ rawOptions: [String],
        by process: BuildProcess
    ) async throws -> String {
        process.note("starting build (using bazel): \(folder)")
        let output = try await process.run("bazel", ["run", target] + rawOptions, in: folder)
        guard let match = output.standardOutput.firstMatch(of: #/Loaded image ID: sha256:([0-9a-z]+)/#) else {
            throw BuildError.badOutput(program: "bazel run", lacks: "the image's ID")
        }
        let id = "sha256:\(match.1)"
        let stable = try await docker.retag(id, for: image, id: id, by: process)
        process.note("finished build (using bazel)")
        return stable
    }
}
