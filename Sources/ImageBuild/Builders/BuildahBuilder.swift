import ContainerImage
import FoundationEssentials
import KbldConfiguration

/// `buildah build`, and `buildah push` where there is a destination. It needs no engine.
struct BuildahBuilder: Sendable {
    /// Builds, and gives the image's stable local name.
    func build(
        _ image: String,
        from folder: String,
        _ options: ContainerfileOptions,
        by process: BuildProcess
    ) async throws -> String {
        let temporary = "kbld:" + TemporaryTag.unstable(for: image)
        process.note("starting build (using buildah): \(folder) -> \(temporary)")
        var arguments = ["build"]
        if !options.platforms.isEmpty { arguments += ["--platform", options.platforms.joined(separator: ",")] }
        arguments += options.commonArguments
        let id = try await DigestFile.read { file in
            _ = try await process.run("buildah", arguments + ["--iidfile", file, "--tag", temporary, "."], in: folder)
        }
        let stable = "kbld:" + TemporaryTag.stable(for: image, id: id.description)
        _ = try await process.run("buildah", ["tag", temporary, stable])
        _ = try await process.run("buildah", ["rmi", temporary])
        process.note("finished build (using buildah)")
        return stable
    }

    /// Pushes, and gives the digest under which the registry has the image.
    func push(_ local: String, to destination: Repository, by process: BuildProcess) async throws -> Digest {
        let pushed = "\(destination):kbld-\(TemporaryTag.random())"
        process.note("starting push (using buildah): \(local) -> \(pushed)")
        let digest = try await DigestFile.read { file in
            let insecure = destination.registry.isLoopback ? ["--tls-verify=false"] : []
            let arguments = ["push", "--digestfile", file] + insecure + [local, "docker://\(pushed)"]
            _ = try await process.run("buildah", arguments)
        }
        process.note("finished push (using buildah)")
        return digest
    }
}
