import ContainerImage
import ImageBuild
import KbldConfiguration
import Testing

@Suite("Builders and their arguments")
struct BuilderTests {
    /// A builder, where it pushes, what it runs then, and what comes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let builder: ImageBuilder
        var destination: String?
        let commands: [String]
        let image: String

        init(
            _ name: String,
            _ builder: ImageBuilder,
            to destination: String? = nil,
            _ commands: [String],
            _ image: String
        ) {
            testDescription = name
            self.builder = builder
            self.destination = destination
            self.commands = commands
            self.image = image
        }
    }

    private static let all = ContainerfileOptions(
        target: "t",
        pull: true,
        noCache: true,
        file: "F",
        platforms: ["linux/amd64", "linux/arm64"],
        rawOptions: ["--x=y z", "--w"]
    )
    private static let local = "kbld:my-app-sha256-" + ScriptedPrograms.id.dropFirst("sha256:".count)
    private static let pushed = "r.io/team/app@" + ScriptedPrograms.digest

    /// How an image that was built gets the name that is the same whenever the image is.
    private static func naming(by program: String) -> [String] {
        [
            "\(program)\(program == "docker" ? "" : " image") inspect kbld:RAND-my-app",
            "\(program) tag kbld:RAND-my-app kbld:my-app-sha256-HEX",
            "\(program) rmi kbld:RAND-my-app",
        ]
    }

    /// How Docker pushes.
    private static let dockerPush = [
        "docker inspect kbld:my-app-sha256-HEX", "docker tag kbld:my-app-sha256-HEX r.io/team/app:kbld-RAND",
        "docker push r.io/team/app:kbld-RAND", "docker inspect r.io/team/app:kbld-RAND",
    ]

    static let cases = [
        Case(
            "docker, alone",
            .docker(ContainerfileOptions()),
            ["docker build --tag kbld:RAND-my-app ."] + naming(by: "docker"),
            local
        ),
        Case(
            "docker, with every option, and pushed",
            .docker(all),
            to: "r.io/team/app",
            [
                "docker build --platform linux/amd64,linux/arm64 --target t --pull --no-cache --file F '--x=y z' --w "
                    + "--tag kbld:RAND-my-app ."
            ] + naming(by: "docker") + dockerPush,
            pushed
        ),
        Case(
            "nerdctl",
            .nerdctl(ContainerfileOptions(platforms: ["linux/amd64"])),
            ["nerdctl build --platform linux/amd64 --tag kbld:RAND-my-app ."] + naming(by: "nerdctl"),
            local
        ),
        Case(
            "docker buildx, alone",
            .dockerBuildx(ContainerfileOptions()),
            ["docker buildx build --progress=plain --tag kbld:RAND-my-app . --load"] + naming(by: "docker"),
            local
        ),
        Case(
            "docker buildx, with every option, pushes by itself",
            .dockerBuildx(all),
            to: "r.io/team/app",
            [
                "docker buildx build --progress=plain --metadata-file FILE --platform linux/amd64,linux/arm64 --target t "
                    + "--pull --no-cache --file F '--x=y z' --w --tag r.io/team/app:RAND-my-app . --push"
            ],
            pushed
        ),
        Case(
            "kubectl buildkit, alone: the image has a name in the cluster",
            .kubectlBuildkit(ContainerfileOptions()),
            ["kubectl buildkit build --progress=plain --tag kbld:RAND-my-app ."],
            "kbld:RAND-my-app"
        ),
        Case(
            "kubectl buildkit, with every option: the platform stands between target and pull",
            .kubectlBuildkit(all),
            to: "r.io/team/app",
            [
                "kubectl buildkit build --progress=plain --target t --platform linux/amd64,linux/arm64 --pull --no-cache "
                    + "--file F '--x=y z' --w --push --tag r.io/team/app:RAND-my-app ."
            ],
            pushed
        ),
        Case(
            "pack",
            .pack(PackOptions(builder: "b", buildpacks: ["one", "two"], clearCache: true, rawOptions: ["--x"])),
            [
                "pack build --verbose my/app --path . --builder b --buildpack one --buildpack two --clear-cache --x",
                "docker tag ID kbld:my-app-sha256-HEX",
            ],
            local
        ),
        Case("ko", .ko(rawOptions: ["--bare"]), ["ko publish . --local --bare"], "ko.local/app:1"),
        Case(
            "bazel",
            .bazel(target: "//a:b", rawOptions: ["--x"]),
            ["bazel run //a:b --x", "docker tag ID kbld:my-app-sha256-HEX"],
            local
        ),
        Case(
            "bazel, pushed by docker",
            .bazel(target: "//a:b", rawOptions: []),
            to: "r.io/team/app",
            ["bazel run //a:b", "docker tag ID kbld:my-app-sha256-HEX"] + dockerPush,
            pushed
        ),
        Case(
            "maven, in a module of the source",
            .maven(target: "web", tag: "t", rawOptions: ["-P", "prod"]),
            [
                "mvn compile jib:dockerBuild -Dimage=my/app:t -P prod", "docker inspect my/app:t",
                "docker tag ID kbld:my-app-sha256-HEX",
            ],
            local
        ),
        Case(
            "buildah needs no engine",
            .buildah(ContainerfileOptions(file: "F", platforms: ["linux/arm64"])),
            to: "r.io/team/app",
            [
                "buildah build --platform linux/arm64 --file F --iidfile FILE --tag kbld:RAND-my-app .",
                "buildah tag kbld:RAND-my-app kbld:my-app-sha256-HEX", "buildah rmi kbld:RAND-my-app",
                "buildah push --digestfile FILE kbld:my-app-sha256-HEX docker://r.io/team/app:kbld-RAND",
            ],
            pushed
        ),
        Case(
            "buildah pushes to a registry on this machine without TLS",
            .buildah(ContainerfileOptions()),
            to: "127.0.0.1:5000/app",
            [
                "buildah build --iidfile FILE --tag kbld:RAND-my-app .",
                "buildah tag kbld:RAND-my-app kbld:my-app-sha256-HEX", "buildah rmi kbld:RAND-my-app",
                "buildah push --digestfile FILE --tls-verify=false kbld:my-app-sha256-HEX "
                    + "docker://127.0.0.1:5000/app:kbld-RAND",
            ],
            "127.0.0.1:5000/app@" + ScriptedPrograms.digest
        ),
    ]

    @Test("Each runs exactly this, and gives this image", arguments: cases)
    func commands(_ test: Case) async throws {
        let programs = ScriptedPrograms()
        let resolved = try await programs.build(test.builder, to: test.destination)
        #expect(programs.commands == test.commands)
        #expect(resolved.url.replacing(#/rand-[0-9-]+-my/#, with: "RAND-my") == test.image)
        #expect(resolved.origins == [.local(path: "/")])
    }

    @Test("Programs that build run in the source's folder; what names and pushes images doesn't")
    func folders() async throws {
        let programs = ScriptedPrograms()
        _ = try await programs.build(.docker(ContainerfileOptions()), to: "r.io/team/app")
        #expect(programs.calls.map { $0.folder ?? "-" } == ["/"] + Array(repeating: "-", count: 7))
    }

    @Test("Docker is told about BuildKit where the source says so", arguments: [nil, true, false])
    func buildkit(isOn: Bool?) async throws {
        let programs = ScriptedPrograms()
        _ = try await programs.build(.docker(ContainerfileOptions(buildkit: isOn)))
        let expected = isOn.map { ["DOCKER_BUILDKIT": $0 ? "1" : "0"] } ?? [:]
        #expect(programs.calls.first?.environment == expected)
    }

    @Test(
        "Where only Podman is installed, docker's builds are Podman's",
        arguments: [(["docker"], "docker"), (["podman"], "podman"), (["docker", "podman"], "docker"), ([], "docker")]
            as [(Set<String>, String)]
    )
    func fallback(installed: Set<String>, program: String) async throws {
        let programs = ScriptedPrograms(installed: installed)
        _ = try await programs.build(.docker(ContainerfileOptions()))
        #expect(Set(programs.calls.map(\.program)) == [program])
    }

    @Test("The log tells what is done, each line under the image's name; what is only asked stays silent")
    func log() async throws {
        let programs = ScriptedPrograms()
        _ = try await programs.build(.docker(ContainerfileOptions()), to: "r.io/team/app")
        #expect(
            programs.log == [
                "my/app | starting build (using Docker): / -> kbld:RAND-my-app", "my/app | docker was here",
                "my/app | docker was here", "my/app | docker was here", "my/app | finished build (using Docker)",
                "r.io/team/app | starting push (using Docker): kbld:my-app-sha256-HEX -> r.io/team/app:kbld-RAND",
                "r.io/team/app | docker was here", "r.io/team/app | docker was here",
                "r.io/team/app | finished push (using Docker)",
            ]
        )
    }

    @Test("Tags of the destination are put on what was pushed, and noted")
    func tags() async throws {
        let programs = ScriptedPrograms()
        let resolved = try await programs.build(
            .docker(ContainerfileOptions()),
            to: "r.io/team/app",
            tags: ["v1", "v2"]
        )
        #expect(programs.tags == ["\(Self.pushed) v1", "\(Self.pushed) v2"])
        #expect(resolved.origins == [.local(path: "/"), .tagged(["v1", "v2"])])
    }

    @Test(
        "Output that lacks what is needed is an error that says what",
        arguments: [
            ("pack", .pack(PackOptions(builder: "b")), "'pack build' lacks the image's ID"),
            ("bazel", .bazel(target: "t", rawOptions: []), "'bazel run' lacks the image's ID"),
            ("ko", .ko(rawOptions: []), "'ko publish' lacks the one reference of what it made"),
            (
                "kubectl", .kubectlBuildkit(ContainerfileOptions()),
                "'kubectl buildkit build' lacks the digest of the manifest"
            ),
            ("docker", .docker(ContainerfileOptions()), "'docker inspect' lacks exactly one image 'kbld:rand-"),
            ("nerdctl", .nerdctl(ContainerfileOptions()), "'nerdctl inspect' lacks exactly one image 'kbld:rand-"),
            ("buildah", .buildah(ContainerfileOptions()), "lacks a digest"),
        ] as [(String, ImageBuilder, String)]
    )
    func silence(program: String, builder: ImageBuilder, words: String) async throws {
        let programs = ScriptedPrograms { $0.program == program ? ProgramOutput() : nil }
        let error = await #expect(throws: BuildError.self) { try await programs.build(builder) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("An image whose ID isn't one is an error: its name follows from it", arguments: ["", "../../x y", "sha256:"])
    func badID(id: String) async throws {
        let programs = ScriptedPrograms { call in
            call.arguments.contains("inspect") ? ScriptedPrograms.inspection(of: "x:1", id: id) : nil
        }
        let error = await #expect(throws: BuildError.self) { try await programs.build(.docker(ContainerfileOptions())) }
        #expect(
            error?.description.contains("the output of 'docker inspect' lacks the ID of the image 'kbld:rand-") == true
        )
    }

    @Test("Of a build for several platforms the list is the image, not the first that is in it")
    func manifestList() async throws {
        let digests = ["1", "2", "3"].map { "sha256:" + String(repeating: $0, count: 64) }
        let lines = zip(["manifest", "manifest", "manifest list"], digests).map {
            "#1 exporting \($0) \($1) 0.0s done\n"
        }
        let programs = ScriptedPrograms { call in
            call.program == "kubectl" ? ProgramOutput(standardError: lines.joined()) : nil
        }
        let resolved = try await programs.build(.kubectlBuildkit(Self.all), to: "r.io/team/app")
        #expect(resolved.url == "r.io/team/app@" + digests[2])
    }

    @Test("Images for several platforms can't be loaded without a destination, and a line says so")
    func hint() async throws {
        let refusal = BuildError.failed(
            command: "docker buildx build",
            status: "exit status 1",
            lastLines: ["docker exporter does not currently support exporting manifest lists"]
        )
        let programs = ScriptedPrograms { if $0.arguments.first == "buildx" { throw refusal } else { nil } }
        await #expect(throws: BuildError.self) { try await programs.build(.dockerBuildx(Self.all)) }
        #expect(programs.log.last?.hasPrefix("my/app | (hint: configure a destination:") == true)
    }

    @Test(
        "A source that can't be used, and a destination that is none, are refused before a program is run",
        arguments: [
            ("/no/such/folder", nil, "the source's path '/no/such/folder' does not exist"),
            ("/dev/null", nil, "the source's path '/dev/null' is not a folder"),
            ("/", "r.io/Team/App", "the destination 'r.io/Team/App': "),
        ] as [(String, String?, String)]
    )
    func refused(path: String, destination: String?, words: String) async throws {
        let programs = ScriptedPrograms()
        let error = await #expect(throws: BuildError.self) {
            try await programs.build(.docker(ContainerfileOptions()), from: path, to: destination)
        }
        #expect(error?.description.hasPrefix(words) == true, "\(String(describing: error))")
        #expect(programs.calls == [])
    }
}
