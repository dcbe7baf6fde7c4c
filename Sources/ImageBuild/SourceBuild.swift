public import ContainerImage
import FoundationEssentials
public import KbldConfiguration

/// Builds images from sources with the programs that people have, and pushes them where a destination says so.
public struct SourceBuild: Sendable {
    private let log: @Sendable (String) -> Void
    private let tag: @Sendable (String, [String]) async throws -> Void
    private let lookUp: LookUp
    private let programs: any BuildPrograms

    /// Asks a registry for the digest of a tag.
    public typealias LookUp = @Sendable (Repository, Tag) async throws -> Digest

    /// Creates a build.
    ///
    /// - Parameters:
    ///   - log: Takes each line, the image's name before it.
    ///   - tag: Puts tags on an image that was pushed, given by digest.
    ///   - lookUp: Tells the digest of what was pushed, where the program that pushed it doesn't.
    ///   - path: The folders that programs are looked for in, as `PATH` has them.
    public init(
        path: String,
        log: @escaping @Sendable (String) -> Void,
        tag: @escaping @Sendable (String, [String]) async throws -> Void,
        lookUp: @escaping LookUp
    ) {
        self.init(programs: InstalledPrograms(path: path), log: log, tag: tag, lookUp: lookUp)
    }

    /// A build by other programs than those that are installed.
    package init(
        programs: any BuildPrograms,
        log: @escaping @Sendable (String) -> Void,
        tag: @escaping @Sendable (String, [String]) async throws -> Void,
        lookUp: @escaping LookUp
    ) {
        self.programs = programs
        self.log = log
        self.tag = tag
        self.lookUp = lookUp
    }

    /// Builds the image of `reference`.
    ///
    /// - Throws: `BuildError` with the last lines of the program that failed.
    public func callAsFunction(
        _ reference: String,
        _ source: BuildSource,
        _ destination: BuildDestination?
    ) async throws -> ResolvedImage {
        let image = ImageMatcher.repository(of: reference) ?? reference
        let process = BuildProcess(prefix: "\(image) | ", programs: programs, log: log)
        let folder = try Self.folder(source.path)
        var origins: [Origin] = [.local(path: folder)]
        if let git = try await GitOrigin.read(folder, by: process) { origins.append(git) }
        var target: Repository?
        if let destination {
            do {
                target = try Repository(destination.newImage)
            } catch {
                throw BuildError.badDestination(destination.newImage, reason: "\(error)")
            }
        }
        let url = try await build(image, source, folder: source.path, destination, target, by: process)
        if let tags = destination?.tags, !tags.isEmpty {
            try await tag(url, tags)
            origins.append(.tagged(tags))
        }
        return ResolvedImage(url: url, origins: origins)
    }

    private func build(
        _ image: String,
        _ source: BuildSource,
        folder: String,
        _ destination: BuildDestination?,
        _ target: Repository?,
        by process: BuildProcess
    ) async throws -> String {
        // Docker, or Podman where only that is installed.
        let docker: DockerBuilder = !programs.has("docker") && programs.has("podman") ? .podman : .docker
        let local: String
        var pusher = docker
        switch source.builder {
        case .docker(let options): local = try await docker.build(image, from: folder, options, by: process)
        case .podman(let options):
            pusher = .podman
            local = try await pusher.build(image, from: folder, options, by: process)
        case .nerdctl(let options):
            pusher = .nerdctl
            local = try await pusher.build(image, from: folder, options, by: process)
        case .pack(let options):
            local = try await PackBuilder(docker: .docker).build(image, from: folder, options, by: process)
            pusher = .docker
        case .ko(let rawOptions, let importPath):
            local = try await KoBuilder().build(folder, importPath: importPath, rawOptions, by: process)
            pusher = .docker
        case .bazel(let bazelTarget, let rawOptions):
            local = try await BazelBuilder(docker: .docker)
                .build(image, from: folder, target: bazelTarget, rawOptions, by: process)
            pusher = .docker
        case .maven(let module, let tag, let rawOptions):
            local = try await MavenBuilder(docker: .docker)
                .build(image, from: folder, target: module, tag: tag, rawOptions, by: process)
            pusher = .docker
        case .dockerBuildx(let options):
            return try await DockerBuildxBuilder(docker: .docker)
                .build(image, from: folder, options, destination: destination, lookUp: lookUp, by: process)
        case .kubectlBuildkit(let options):
            return try await KubectlBuildkitBuilder()
                .build(image, from: folder, options, destination: destination, by: process)
        case .buildah(let options):
            local = try await BuildahBuilder().build(image, from: folder, options, by: process)
            guard let target else { return local }
            let digest = try await BuildahBuilder().push(local, to: target, by: process)
            return DigestReference(repository: target, digest: digest).description
        }
        guard let target, let destination else { return local }
        let pushing = BuildProcess(prefix: "\(destination.newImage) | ", programs: programs, log: log)
        let digest = try await pusher.push(local, to: target, lookUp: lookUp, by: pushing)
        return DigestReference(repository: target, digest: digest).description
    }

    /// The folder's whole path.
    private static func folder(_ path: String) throws(BuildError) -> String {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .badFolder(path: path, reason: "does not exist")
        }
        guard isFolder else { throw .badFolder(path: path, reason: "is not a folder") }
        guard !path.hasPrefix("/") else { return cleaned(path) }
        return cleaned(FileManager.default.currentDirectoryPath + "/" + path)
    }

    /// The path without `.`, `..` and empty parts.
    private static func cleaned(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension DockerBuilder {
    static let docker = DockerBuilder(program: "docker", title: "Docker")
    static let podman = DockerBuilder(program: "podman", title: "Podman")
    static let nerdctl = DockerBuilder(program: "nerdctl", title: "nerdctl")
}
