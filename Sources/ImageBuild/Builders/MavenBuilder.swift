/// `mvn compile jib:dockerBuild`, which loads an image into docker.
struct MavenBuilder: Sendable {
    let docker: DockerBuilder

    /// Builds in the module `target` of the folder, and gives the image's stable local name.
    func build(
        _ image: String,
        from folder: String,
        target: String,
        tag: String,
        _ rawOptions: [String],
        by process: BuildProcess
    ) async throws -> String {
        let module = target.hasPrefix("/") ? target : "\(folder)/\(target)"
        process.note("starting build (using maven): \(module)")
        let name = "\(image):\(tag)"
        _ = try await process.run("mvn", ["compile", "jib:dockerBuild", "-Dimage=\(name)"] + rawOptions, in: module)
        let id = try await docker.id(of: name, by: process)
        let stable = try await docker.retag(id, for: image, id: id, by: process)
        process.note("finished build (using maven)")
        return stable
    }
}
