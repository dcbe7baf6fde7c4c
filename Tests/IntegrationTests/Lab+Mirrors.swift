import FoundationEssentials
import Testing

extension Lab {
    /// Writes `mirror.yml`: these entries of `images`, from one registry to another.
    func writeMirror(to target: String, _ images: String, _ more: String = "", name: String = "mirror.yml") throws {
        try write(
            """
            apiVersion: kbld.k14s.io/v1alpha1
            kind: Mirror
            metadata: {name: mirror}
            target: \(target)
            layout: mirror
            \(more)
            images:
            \(images)
            """,
            to: name
        )
    }

    /// How many actions of each kind `kbld mirror plan` finds.
    func mirrorCounts(_ file: String = "mirror.yml") async throws -> [String: Int] {
        struct Plan: Decodable { var counts: [String: Int] }
        let outcome = try await kbld("mirror", "plan", "-f", file, "--json")
        try #require(outcome.status == 0, "\(outcome.log)")
        return try JSONDecoder().decode(Plan.self, from: Data(outcome.output.utf8)).counts
    }

    /// The digests of all tags of a repository, as another tool sees them.
    func digests(_ repository: String) async throws -> [String: String] {
        var digests: [String: String] = [:]
        for tag in try await tags(repository) where !tag.contains("sha256-") {
            let name = "docker://\(repository):\(tag)"
            let outcome = try await run("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", name])
            try #require(outcome.status == 0, "\(outcome.log)")
            digests[tag] = outcome.output.trimmingPrefix { $0.isNewline }.split(separator: "\n").joined()
        }
        return digests
    }
}
