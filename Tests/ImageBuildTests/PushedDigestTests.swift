import ContainerImage
import FoundationEssentials
import ImageBuild
import KbldConfiguration
import Testing

@Suite("The digest of what was pushed")
struct PushedDigestTests {
    private static let destination = "r.io/team/app"
    private static let one = "sha256:" + String(repeating: "8", count: 64)
    private static let other = "sha256:" + String(repeating: "9", count: 64)

    /// A registry that has `other` under every tag.
    private static let registry: SourceBuild.LookUp = { _, _ in try Digest(other) }

    private func pushing(_ digests: [String]) -> ScriptedPrograms {
        ScriptedPrograms { call in
            guard call.arguments.contains("inspect") else { return nil }
            return ScriptedPrograms.inspection(of: "", digests: digests)
        }
    }

    @Test(
        "Of the digests that Docker or nerdctl knows, that of the destination counts",
        arguments: [ImageBuilder.docker(ContainerfileOptions()), .nerdctl(ContainerfileOptions())],
        [
            ["r.io/team/app@\(one)"], ["other.io/x@\(other)", "r.io/team/app@\(one)"],
            ["r.io/team/app@\(one)", "other.io/x@\(other)"], ["<none>@<none>", "r.io/team/app@\(one)"],
            ["r.io/team/app2@\(other)", "r.io/team/app@\(one)"], ["r.io/team/app@\(one)", "r.io/team/app@\(one)"],
        ]
    )
    func known(builder: ImageBuilder, digests: [String]) async throws {
        let programs = pushing(digests)
        let resolved = try await programs.build(builder, to: Self.destination, lookUp: Self.registry)
        #expect(resolved.url == "\(Self.destination)@\(Self.one)")
    }

    @Test(
        "Where Docker knows none of the destination, or several, the registry is asked",
        arguments: [[], ["other.io/x@\(one)"], ["r.io/team/app@\(one)", "r.io/team/app@\(other)"]]
    )
    func asked(digests: [String]) async throws {
        let programs = pushing(digests)
        let resolved = try await programs.build(
            .docker(ContainerfileOptions()),
            to: Self.destination,
            lookUp: Self.registry
        )
        #expect(resolved.url == "\(Self.destination)@\(Self.other)")
        let error = await #expect(throws: BuildError.self, "nobody knows") {
            try await programs.build(.docker(ContainerfileOptions()), to: Self.destination)
        }
        #expect(error?.description.contains("lacks the one digest of 'r.io/team/app:kbld-rand-") == true)
    }

    @Test("An image that another build has taken the name of meanwhile isn't pushed for the one that was built")
    func replaced() async throws {
        let programs = ScriptedPrograms { call in
            guard call.arguments.contains("inspect"), let name = call.arguments.last else { return nil }
            let id = name.hasPrefix(Self.destination) ? Self.other : ScriptedPrograms.id
            return ScriptedPrograms.inspection(of: name, id: id)
        }
        let error = await #expect(throws: BuildError.self) {
            try await programs.build(.docker(ContainerfileOptions()), to: Self.destination)
        }
        #expect(error?.description.contains("another took its name") == true)
    }

    @Test(
        "Podman, under whatever name, is asked for the digest in a file: those that it lists are of its own storage",
        arguments: [
            #"[{"Id":"\#(String(repeating: "7", count: 64))","RepoDigests":[]}]"#,
            #"[{"Id":"\#(ScriptedPrograms.id)","ManifestType":"application/vnd.oci.image.manifest.v1+json"}]"#,
        ],
        ["r.io/team/app", "localhost:5000/app"]
    )
    func podman(inspection: String, destination: String) async throws {
        let programs = ScriptedPrograms {
            $0.arguments.contains("inspect") ? ProgramOutput(standardOutput: inspection) : nil
        }
        let resolved = try await programs.build(.docker(ContainerfileOptions()), to: destination)
        #expect(resolved.url == "\(destination)@\(ScriptedPrograms.digest)")
        let insecure = destination.hasPrefix("localhost") ? " --tls-verify=false" : ""
        #expect(
            programs.commands.suffix(2) == [
                "docker push --digestfile FILE\(insecure) \(destination):kbld-RAND",
                "docker rmi \(destination):kbld-RAND",
            ]
        )
    }

    /// What buildx notes, what it prints, and what comes of it where the registry doesn't know.
    @Test(
        "Of buildx, what it printed counts, then what the registry has, then what it noted",
        arguments: [
            (
                "#11 pushing manifest for docker.io/x:y@\(one) 0.2s done\n", #"{"containerimage.digest":"\#(other)"}"#,
                one
            ),
            ("#9 pushing x with docker\n", #"{"containerimage.digest":"\#(other)"}"#, other),
            ("", #"{"containerimage.digest":"\#(other)","containerimage.config.digest":"\#(one)"}"#, other),
            // The digest of the config names no manifest.
            ("", #"{"containerimage.digest":"\#(other)","containerimage.config.digest":"\#(other)"}"#, nil),
            ("", #"{}"#, nil), ("", "no JSON", nil),
        ] as [(String, String, String?)]
    )
    func buildx(printed: String, noted: String, digest: String?) async throws {
        let programs = ScriptedPrograms { call in
            guard let file = call.value(of: "--metadata-file") else { return nil }
            try Data(noted.utf8).write(to: URL(filePath: file))
            return ProgramOutput(standardError: printed)
        }
        let options = ImageBuilder.dockerBuildx(ContainerfileOptions())
        if let digest {
            let resolved = try await programs.build(options, to: Self.destination)
            #expect(resolved.url == "\(Self.destination)@\(digest)")
        } else {
            let error = await #expect(throws: BuildError.self) {
                try await programs.build(options, to: Self.destination)
            }
            #expect(error?.description.contains("lacks the digest that was pushed") == true)
        }
        let file = try #require(programs.calls.first?.value(of: "--metadata-file"))
        #expect(!FileManager.default.fileExists(atPath: file), "it is left behind")
    }

    @Test("What buildx printed nothing of, the registry knows best")
    func registry() async throws {
        let programs = ScriptedPrograms { $0.arguments.first == "buildx" ? ProgramOutput() : nil }
        let resolved = try await programs.build(
            .dockerBuildx(ContainerfileOptions()),
            to: Self.destination,
            lookUp: Self.registry
        )
        #expect(resolved.url == "\(Self.destination)@\(Self.other)")
    }
}
