import ContainerImage
import FoundationEssentials
import KbldConfiguration

/// `docker buildx build`: pushes the image itself if there is a destination.
struct DockerBuildxBuilder: Sendable {
    let docker: DockerBuilder

    /// Builds; gives a reference by digest, or the stable local name.
    func build(
        _ image: String,
        from folder: String,
        _ options: ContainerfileOptions,
        destination: BuildDestination?,
        lookUp: SourceBuild.LookUp,
        by process: BuildProcess
    ) async throws -> String {
        let tag = TemporaryTag.unstable(for: image)
        let name = (destination?.newImage ?? "kbld") + ":" + tag
        process.note("starting build (using Docker buildx): \(folder) -> \(name)")
        let metadata = FileManager.default.temporaryDirectory.appending(path: "kbld-metadata-\(UUID())")
        defer { try? FileManager.default.removeItem(at: metadata) }
        var arguments = ["buildx", "build", "--progress=plain"]
        if destination != nil { arguments += ["--metadata-file", metadata.path] }
        if !options.platforms.isEmpty { arguments += ["--platform", options.platforms.joined(separator: ",")] }
        arguments += options.commonArguments + ["--tag", name, ".", destination == nil ? "--load" : "--push"]
        let output: ProgramOutput
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
        let repository = try Repository(destination.newImage)
        var digest: Digest?
        if let match = output.standardError.firstMatch(of: #/pushing manifest for [^@\s]*@(sha256:[0-9a-z]+) /#) {
            digest = try Digest(match.1)
        } else {
            // Docker itself pushes where buildx has no builder of its own, and tells less. The registry knows best.
            digest = try? await lookUp(repository, Tag(tag))
        }
        guard let digest = digest ?? Self.digest(in: metadata) else {
            throw BuildError.badOutput(program: "docker buildx build", lacks: "the digest that was pushed")
        }
        process.note("finished build (using Docker buildx)")
        return DigestReference(repository: repository, digest: digest).description
    }

    private struct Metadata: Decodable {
        var digest: String?
        var configDigest: String?
        enum CodingKeys: String, CodingKey {
            case digest = "containerimage.digest"
            case configDigest = "containerimage.config.digest"
        }
    }

    /// The digest that buildx noted; nil if it is that of the image's config, which names no manifest.
    private static func digest(in file: URL) -> Digest? {
        guard let data = try? Data(contentsOf: file), let noted = try? JSONDecoder().decode(Metadata.self, from: data),
            let text = noted.digest, text != noted.configDigest
        else { return nil }
        return try? Digest(text)
    }
}
