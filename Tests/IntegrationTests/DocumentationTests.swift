import Testing

@Suite("The examples of the documentation")
struct DocumentationTests {
    @Test("every config document in docs/building.md is accepted, one for each builder")
    func building() async throws {
        try await Lab.open { lab in
            let text = String(decoding: try lab.project("docs/building.md"), as: UTF8.self)
            let examples = text.split(separator: "```yaml\n").dropFirst().map { $0.split(separator: "```")[0] }
            let builders = [
                "build:", "buildx:", "podman:", "buildah:", "nerdctl:", "pack:", "kubectlBuildkit:", "ko:", "bazel:",
            ]
            for builder in builders { #expect(examples.contains { $0.contains(builder) }, "\(builder)") }
            for example in examples {
                try lab.write(String(example), to: "config.yml")
                let outcome = try await lab.kbld("-f", "config.yml")
                #expect(outcome.status == 0 && outcome.output == "", "\(example)\(outcome.log)")
            }
        }
    }
}
