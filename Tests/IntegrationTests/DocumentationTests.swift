import Testing

@Suite("The documentation", .needs(.jq))
struct DocumentationTests {
    @Test("commands run and print what the pages say; configs are accepted; flags, commands and links are there")
    func pages() async throws {
        try await Lab.open { lab in
            let outcome = try await lab.run("python3", [Lab.documentation, "--bin", Lab.program])
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.log)")
            #expect(outcome.output.contains("README.md: "), "\(outcome.output)")
        }
    }

    @Test("docs/building.md has an example for each builder")
    func building() async throws {
        try await Lab.open { lab in
            let text = String(decoding: try lab.project("docs/building.md"), as: UTF8.self)
            let examples = text.split(separator: "```yaml\n").dropFirst().map { $0.split(separator: "```")[0] }
            let builders = [
                "build:", "buildx:", "podman:", "buildah:", "nerdctl:", "pack:", "kubectlBuildkit:", "ko:", "bazel:",
                "maven:",
            ]
            for builder in builders { #expect(examples.contains { $0.contains(builder) }, "\(builder)") }
        }
    }
}
