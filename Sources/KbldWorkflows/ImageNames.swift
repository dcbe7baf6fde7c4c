import ContainerImage

/// What an image may be called where names are compared with patterns.
enum ImageNames {
    /// All names: with the host and without the beginning of the path, by digest, by tag, and bare.
    static func all(in repositories: [Repository], tags: [Tag], digests: [Digest]) -> [String] {
        repositories.flatMap { repository in
            let parts = repository.description.split(separator: "/")
            var paths = parts.indices.map { parts[$0...].joined(separator: "/") }
            if repository.registry == .dockerHub { paths.append("docker.io/\(repository.path)") }
            return paths.flatMap { path in
                [path] + tags.map { "\(path):\($0)" } + digests.map { "\(path)@\($0)" }
            }
        }
    }
}
