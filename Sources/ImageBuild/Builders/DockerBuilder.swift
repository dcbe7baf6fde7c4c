import ContainerImage
import FoundationEssentials
import KbldConfiguration

/// `docker`, and the programs that take the same arguments: `podman` and `nerdctl`.
struct DockerBuilder: Sendable {
    /// `docker`, `podman` or `nerdctl`.
    let program: String
    /// What log lines call it.
    let title: String

    private struct Inspection: Decodable {
        var id: String
        var repoDigests: [String]?
        /// Podman has it, whatever name it runs under.
        var manifestType: String?
        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case repoDigests = "RepoDigests"
            case manifestType = "ManifestType"
        }

        /// Podman leaves out the algorithm of an ID, which Docker has.
        var isPodmans: Bool { manifestType != nil || !id.contains(":") }
    }

    /// Builds, and gives the image's stable local name.
    func build(
        _ image: String,
        from folder: String,
        _ options: ContainerfileOptions,
        by process: BuildProcess
    ) async throws -> String {
        let temporary = "kbld:" + TemporaryTag.unstable(for: image)
        process.note("starting build (using \(title)): \(folder) -> \(temporary)")
        var arguments = ["build"]
        if !options.platforms.isEmpty { arguments += ["--platform", options.platforms.joined(separator: ",")] }
        arguments += options.commonArguments + ["--tag", temporary, "."]
        let environment = options.buildkit.map { ["DOCKER_BUILDKIT": $0 ? "1" : "0"] } ?? [:]
        _ = try await process.run(program, arguments, in: folder, environment: environment)
        let id = try await id(of: temporary, by: process)
        let stable = try await retag(temporary, for: image, id: id, by: process)
        process.note("finished build (using \(title))")
        return stable
    }

    /// Gives an image the name that is the same whenever the image is; the temporary name goes.
    func retag(_ temporary: String, for image: String, id: String, by process: BuildProcess) async throws -> String {
        let stable = "kbld:" + TemporaryTag.stable(for: image, id: id)
        _ = try await process.run(program, ["tag", temporary, stable])
        if !temporary.hasPrefix("sha256:") { _ = try await process.run(program, ["rmi", temporary]) }
        return stable
    }

    func id(of name: String, by process: BuildProcess) async throws -> String {
        id(of: try await inspect(name, by: process))
    }

    private func inspect(_ name: String, by process: BuildProcess) async throws -> Inspection {
        let arguments = program == "docker" ? ["inspect", name] : ["image", "inspect", name]
        let output = try await process.run(program, arguments, isSilent: true)
        let found = try? JSONDecoder().decode([Inspection].self, from: Data(output.standardOutput.utf8))
        guard let found, found.count == 1 else {
            throw BuildError.badOutput(program: "\(program) inspect", lacks: "exactly one image '\(name)'")
        }
        // The image is named after it.
        let id = found[0].id.hasPrefix("sha256:") ? found[0].id.dropFirst("sha256:".count) : found[0].id[...]
        guard !id.isEmpty, id.allSatisfy(\.isHexDigit) else {
            throw BuildError.badOutput(program: "\(program) inspect", lacks: "the ID of the image '\(name)'")
        }
        return found[0]
    }

    private func id(of image: Inspection) -> String { image.id.contains(":") ? image.id : "sha256:" + image.id }

    /// Pushes, and gives the digest under which the registry has the image.
    ///
    /// - Parameter lookUp: Asks the registry, where docker knows no digest of that repository or several.
    func push(
        _ local: String,
        to destination: Repository,
        lookUp: SourceBuild.LookUp,
        by process: BuildProcess
    ) async throws -> Digest {
        let tag = try Tag("kbld-\(TemporaryTag.random())")
        let pushed = "\(destination):\(tag)"
        process.note("starting push (using \(title)): \(local) -> \(pushed)")
        let before = try await inspect(local, by: process)
        _ = try await process.run(program, ["tag", local, pushed])
        // The digests that Podman lists are those of its own storage: layers are compressed on the way.
        if before.isPodmans { return try await pushWithDigestFile(pushed, to: destination, by: process) }
        _ = try await process.run(program, ["push", pushed])
        let after = try await inspect(pushed, by: process)
        guard before.id == after.id else {
            throw BuildError.badOutput(
                program: "\(program) push",
                lacks: "the image that was to be pushed: another took its name"
            )
        }
        // The image may be in other repositories as well, where it has other digests.
        let known = (after.repoDigests ?? []).compactMap { try? DigestReference($0) }
        let digests = Set(known.filter { $0.repository == destination }.map(\.digest))
        let digest = digests.count == 1 ? digests.first : try? await lookUp(destination, tag)
        guard let digest else {
            throw BuildError.badOutput(program: "\(program) inspect", lacks: "the one digest of '\(pushed)'")
        }
        process.note("finished push (using \(title))")
        return digest
    }

    private func pushWithDigestFile(_ name: String, to destination: Repository, by process: BuildProcess) async throws
        -> Digest
    {
        let digest = try await DigestFile.read { file in
            let insecure = destination.registry.isLoopback ? ["--tls-verify=false"] : []
            _ = try await process.run(program, ["push", "--digestfile", file] + insecure + [name])
        }
        _ = try await process.run(program, ["rmi", name], isSilent: true)
        process.note("finished push (using \(title))")
        return digest
    }
}

extension ContainerfileOptions {
    /// The arguments that all builders of Containerfiles have, in the original's order.
    var commonArguments: [String] {
        var arguments: [String] = []
        if let target { arguments += ["--target", target] }
        if pull { arguments.append("--pull") }
        if noCache { arguments.append("--no-cache") }
        if let file { arguments += ["--file", file] }
        return arguments + rawOptions
    }
}
