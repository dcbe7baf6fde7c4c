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
        guard Self.has("k3s", context.variables["PATH"] ?? ""), (try? await call("k3s", ctr + ["ls", "-q"])) != nil
        else {
            return context.log("wrote \(path); k3s isn't running here, and imports it when it starts")
        }
        _ = try await call("k3s", ctr + ["import"] + platformArguments + [path])
        let lacking = lacking(in: try await call("k3s", ctr + ["ls"]))
        guard lacking.isEmpty else { throw LoadError.lacking("k3s", lacking) }
    }

    /// The nodes of a cluster of kind that run images: each is a container.
    func nodes(of cluster: String) async throws -> [String] {
        let nodes = try await call("kind", ["get", "nodes", "--name", cluster]).split(whereSeparator: \.isWhitespace)
            .map(String.init).filter { !$0.hasSuffix("-external-load-balancer") }
        guard !nodes.isEmpty else { throw LoadError.noNodes(cluster) }
        return nodes
    }

    /// What runs kind's nodes.
    var kindProvider: String { context.variables["KIND_EXPERIMENTAL_PROVIDER"] ?? "docker" }

    func checkKind(_ cluster: String) async throws {
        var missing: [String] = []
        for node in try await nodes(of: cluster) {
            let list = ["exec", node, "ctr", "--namespace", "k8s.io", "images", "ls"]
            missing += lacking(in: try await call(kindProvider, list)).map { "\(node): \($0)" }
        }
        guard missing.isEmpty else { throw LoadError.nodesLacking(cluster, missing) }
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
            let found = try? await call(program, ["image", "inspect", "--format", "{{.Id}} {{.RepoDigests}}", name])
            if !digests.contains(where: { found?.contains($0.hex) == true }) { lacking.append(entry.name) }
        }
        guard lacking.isEmpty else { throw LoadError.lacking(program, lacking) }
    }
}
