import ContainerImage
import ImageStore
import Packages

extension LoadWorkflow {
    /// What containerd lacks, of what `listing` of its images shows.
    private func lacking(in listing: String) -> [String] {
        var known: [Substring: Substring] = [:]
        for line in listing.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            if columns.count > 2 { known[columns[0]] = columns[2] }
        }
        return expected.filter { known[$0.name[...]] != $0.tree.reference.digest.description[...] }.map(\.name)
    }

    func checkContainerd() async throws {
        let lacking = lacking(in: try await call("ctr", ctr + ["images", "ls"]))
        guard lacking.isEmpty else { throw LoadError.lacking("containerd", lacking) }
    }

    /// k3s imports what is in its folder when it starts. Where it runs, it imports now, and is asked.
    func checkK3s(_ path: String) async throws {
        let ctr = ["ctr", "--namespace", "k8s.io", "images"]
        let absent: HintedText = "wrote \(path); k3s isn't running here, and imports it when it starts"
        guard Self.has("k3s", context.variables["PATH"] ?? "") else { return context.log(absent) }
        let answer = try await result(of: "k3s", ctr + ["ls", "-q"])
        guard answer.isSuccess else {
            if Self.tellsOfNoServer(answer.error) { return context.log(absent) }
            context.log("wrote \(path)")
            throw LoadError.failed("k3s", answer.words)
        }
        _ = try await call("k3s", ctr + ["import"] + platformArguments + [path])
        let lacking = lacking(in: try await call("k3s", ctr + ["ls"]))
        guard lacking.isEmpty else { throw LoadError.lacking("k3s", lacking) }
    }

    /// Whether a program said that nothing listens at the socket of the server that it would ask.
    package static func tellsOfNoServer(_ error: String) -> Bool {
        let reasons = ["no such file or directory", "connection refused"]
        return error.split(separator: "\n").contains { line in
            line.contains(".sock") && reasons.contains { line.contains($0) }
        }
    }

    /// kind itself reads `KIND_CLUSTER_NAME` where no name is given.
    package static func kindName(_ cluster: String?) -> [String] { cluster.map { ["--name", $0] } ?? [] }

    /// The nodes of a cluster of kind that run images: each is a container.
    func nodes(of cluster: String?) async throws -> [String] {
        let nodes = try await call("kind", ["get", "nodes"] + Self.kindName(cluster))
            .split(whereSeparator: \.isWhitespace)
            .map(String.init).filter { !$0.hasSuffix("-external-load-balancer") }
        guard !nodes.isEmpty else { throw LoadError.noNodes(clusterName(cluster)) }
        return nodes
    }

    private func clusterName(_ cluster: String?) -> String {
        cluster ?? context.value(of: "KIND_CLUSTER_NAME") ?? "kind"
    }

    /// What runs kind's nodes: what the variable names, else the first that there is, as kind itself looks for it.
    ///
    /// - Throws: `LoadError.noProgram`.
    package static func kindProvider(_ variables: [String: String]) throws(LoadError) -> String {
        let known = ["docker", "nerdctl", "podman", "finch", "nerdctl.lima"]
        let named = known.filter { $0 == variables["KIND_EXPERIMENTAL_PROVIDER"] }
        let candidates = named.isEmpty ? Array(known.prefix(3)) : named
        guard let program = candidates.first(where: { has($0, variables["PATH"] ?? "") }) else {
            throw .noProgram(candidates)
        }
        return program
    }

    func checkKind(_ cluster: String?) async throws {
        var missing: [String] = []
        for node in try await nodes(of: cluster) {
            let list = ["exec", node, "ctr", "--namespace", "k8s.io", "images", "ls"]
            missing += lacking(in: try await call(kindProvider, list)).map { "\(node): \($0)" }
        }
        guard missing.isEmpty else { throw LoadError.nodesLacking(clusterName(cluster), missing) }
    }

    /// The platform that is named to containerd: the one that was asked for, else the only one that sparse indexes have.
    var platformArguments: [String] {
        if let platform = options.platform { return ["--platform", platform] }
        let kept = package.trees.filter { !$0.isComplete }.map { Set($0.platforms.map(\.description)) }
        guard let first = kept.first, let only = first.first, first.count == 1, kept.allSatisfy({ $0 == first }) else {
            return []
        }
        return ["--platform", only]
    }

    /// Docker and podman know an image by the digest of its config, or of its manifest or index. Docker gives no name to what
    /// has no tag.
    func check(with program: String) async throws {
        let tagged = Set((metadata.tags ?? []).map(\.image))
        var lacking: [String] = []
        for entry in expected {
            let digests = entry.tree.all.map(\.manifest.digest) + entry.tree.images.map(\.parsed.config.digest)
            var name = entry.name
            if program == "docker", entry.tag == nil {
                guard !tagged.contains(entry.tree.reference), let config = entry.tree.images.first?.parsed.config else {
                    continue
                }
                name = config.digest.description
            }
            let found = try await result(
                of: program,
                ["image", "inspect", "--format", "{{.Id}} {{.RepoDigests}}", name]
            )
            if !found.isSuccess || !digests.contains(where: { found.output.contains($0.hex) }) {
                lacking.append(entry.name)
            }
        }
        guard lacking.isEmpty else { throw LoadError.lacking(program, lacking) }
    }
}
