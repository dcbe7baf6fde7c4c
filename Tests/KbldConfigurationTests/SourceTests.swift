import ContainerImage
import KbldConfiguration
import Testing

@Suite("Sources and their builders")
struct SourceTests {
    @Test(
        "every builder with its options",
        arguments: [
            ("", .docker(ContainerfileOptions())),
            ("docker: {}", .docker(ContainerfileOptions())),
            ("docker: null", .docker(ContainerfileOptions())),
            (
                "docker: {build: {target: t, pull: true, noCache: true, file: F, buildkit: false, rawOptions: [--x]}}",
                .docker(
                    ContainerfileOptions(
                        target: "t",
                        pull: true,
                        noCache: true,
                        file: "F",
                        buildkit: false,
                        rawOptions: ["--x"]
                    )
                )
            ),
            (
                "docker: {buildx: {target: t, platforms: [linux/amd64, linux/arm64], file: F, rawOptions: [--x]}}",
                .dockerBuildx(
                    ContainerfileOptions(
                        target: "t",
                        file: "F",
                        platforms: ["linux/amd64", "linux/arm64"],
                        rawOptions: ["--x"]
                    )
                )
            ),
            (
                "pack: {build: {builder: b, buildpacks: [x, yy], clearCache: true, rawOptions: [--x]}}",
                .pack(PackOptions(builder: "b", buildpacks: ["x", "yy"], clearCache: true, rawOptions: ["--x"]))
            ),
            (
                "kubectlBuildkit: {build: {target: t, platform: linux/amd64, pull: true, noCache: true, file: F}}",
                .kubectlBuildkit(
                    ContainerfileOptions(target: "t", pull: true, noCache: true, file: "F", platforms: ["linux/amd64"])
                )
            ),
            ("ko: {build: {rawOptions: [--bare]}}", .ko(rawOptions: ["--bare"])),
            ("ko: {}", .ko(rawOptions: [])),
            ("bazel: {run: {target: //a:b, rawOptions: [--x]}}", .bazel(target: "//a:b", rawOptions: ["--x"])),
            ("bazel: {run: {label: //a:b}}", .bazel(target: "//a:b", rawOptions: [])),
            ("maven: {run: {target: web}}", .maven(target: "web", tag: "latest", rawOptions: [])),
            (
                "maven: {run: {target: web, tag: t, rawOptions: [--x]}}",
                .maven(target: "web", tag: "t", rawOptions: ["--x"])
            ),
            ("podman: {build: {target: t}}", .podman(ContainerfileOptions(target: "t"))),
            ("buildah: {build: {noCache: true}}", .buildah(ContainerfileOptions(noCache: true))),
            (
                "nerdctl: {build: {platforms: [linux/arm/v7]}}",
                .nerdctl(ContainerfileOptions(platforms: ["linux/arm/v7"]))
            ),
        ] as [(String, ImageBuilder)]
    )
    func builders(section: String, builder: ImageBuilder) throws {
        let sources = try config("sources:\n- image: app\n  path: src\n  \(section)\n").sources
        #expect(sources == [BuildSource(matcher: .image("app"), path: "src", builder: builder)])
    }

    @Test(
        "what is wrong is named with its field",
        arguments: [
            ("path: src", "sources[0]", "image or imageRepo"),
            ("image: app", "sources[0]", "path"),
            ("image: app, path: src, docker: x", "sources[0].docker", "a map"),
            ("image: app, path: src, docker: {}, ko: {}", "sources[0]", "only one of docker, ko can be given"),
            ("image: app, path: src, docker: {build: {}, buildx: {}}", "sources[0].docker", "build, buildx"),
            ("image: app, path: src, docker: {build: {pul: true}}", "sources[0].docker.build", "no option 'pul'"),
            ("image: app, path: src, docker: {target: x}", "sources[0].docker", "no option 'target'"),
            ("image: app, path: src, docker: {build: {platforms: [a]}}", "sources[0].docker.build", "'platforms'"),
            ("image: app, path: src, docker: {build: {pull: x}}", "sources[0].docker.build.pull", "true or false"),
            ("image: app, path: src, bazel: {run: {}}", "sources[0].bazel", "run.target"),
            ("image: app, path: src, bazel: {}", "sources[0].bazel", "run.target"),
            ("image: app, path: src, maven: {run: {tag: t}}", "sources[0].maven", "run.target"),
            ("image: app, path: src, maven: {run: {target: t, tag: a b}}", "sources[0].maven.run.tag", "a b"),
            ("image: app, path: src, pack: {build: {}}", "sources[0].pack", "build.builder"),
        ]
    )
    func faults(source: String, field: String, message: String) throws {
        let error = try #require(try refusal(of: "sources: [{\(source)}]"))
        #expect(error.field == field)
        #expect(error.description.contains(message))
    }
}
