import ContainerImage
import KbldConfiguration

/// `kubectl buildkit build`: in a cluster, pushed from there where there is a destination.
struct KubectlBuildkitBuilder: Sendable {
    /// Builds; gives a reference by digest, or the name that the image has in the cluster.
    func build(
        _ image: String,
        from folder: String,
        _ options: ContainerfileOptions,
        destination: BuildDestination?,
        by process: BuildProcess
    ) async throws -> String {
        let name = (destination?.newImage ?? "kbld") + ":" + TemporaryTag.unstable(for: image)
        process.note("starting build (using kubectl buildkit): \(folder) -> \(name)")
        var arguments = ["buildkit", "build", "--progress=plain"]
        // The platform comes between target and pull.
        let common = options.commonArguments
        let split = options.target == nil ? 0 : 2
        arguments += common[..<split]
        if !options.platforms.isEmpty { arguments += ["--platform", options.platforms.joined(separator: ",")] }
        arguments += common[split...]
        if destination != nil { arguments.append("--push") }
        arguments += ["--tag", name, "."]
        let output = try await process.run("kubectl", arguments, in: folder)
        // Built for several platforms, the image is the list that is told after the manifests in it.
        let log = output.standardError
        guard
            let match = log.firstMatch(of: #/exporting manifest list (sha256:)?([0-9a-z]+) /#)
                ?? log.firstMatch(of: #/exporting manifest (sha256:)?([0-9a-z]+) /#)
        else {
            throw BuildError.badOutput(program: "kubectl buildkit build", lacks: "the digest of the manifest")
        }
        process.note("finished build (using kubectl buildkit)")
        guard let destination else { return name }
        return try DigestReference("\(destination.newImage)@sha256:\(match.2)").description
    }
}
