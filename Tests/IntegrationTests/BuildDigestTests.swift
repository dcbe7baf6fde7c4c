import FoundationEssentials
import Testing

/// The digest of a build is one that the registry serves.
@Suite("The digest of what was built and pushed", .needs(.dockerRegistry, .skopeo))
struct BuildDigestTests {
    private static let id = "sha256:" + String(repeating: "7", count: 64)
    private static let one = "sha256:" + String(repeating: "8", count: 64)
    private static let other = "sha256:" + String(repeating: "9", count: 64)

    /// A stand-in's commands that push the lab's image to `$name`.
    private static func push(_ host: String) -> String {
        "skopeo copy -q --src-tls-verify=false --dest-tls-verify=false docker://\(host)/lab/app:1 \"docker://$name\""
    }

    private func registry(_ lab: Lab, _ body: @Sendable (_ host: String, _ digest: String) async throws -> Void)
        async throws
    {
        try await lab.registry { host in
            let image = try #require(try await lab.push("basic", to: host)["oci"])
            let digest = try #require(image.split(separator: "@").last.map(String.init))
            let tagged = "docker://\(host)/lab/app:1"
            try await lab.succeed(
                "skopeo",
                [
                    "copy", "-q", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", "docker://\(image)",
                    tagged,
                ]
            )
            try await body(host, digest)
        }
    }

    @Test(
        "where docker knows none or several, the registry is asked",
        arguments: [[], ["DEST@\(one)", "DEST@\(other)"]]
    )
    func asked(known: [String]) async throws {
        try await Lab.open { lab in
            try await registry(lab) { host, digest in
                try lab.source("docker: {build: {}}", file: "Dockerfile", destination: "\(host)/team/app")
                let digests = known.map { "\"\($0.replacing("DEST", with: "\(host)/team/app"))\"" }.joined(
                    separator: ","
                )
                try lab.standIn(
                    "docker",
                    """
                    name=$2
                    case "$1" in
                    inspect) echo '[{"Id":"\(Self.id)","RepoDigests":[\(digests)]}]';;
                    push) \(Self.push(host));;
                    esac
                    """
                )
                let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
                #expect(outcome.output.contains("image: \(host)/team/app@\(digest)\n"), "\(outcome.log)")
            }
        }
    }

    @Test("buildx that lets docker push: the registry is asked, or what buildx noted counts", arguments: [true, false])
    func dockerDriver(pushes: Bool) async throws {
        try await Lab.open { lab in
            try await registry(lab) { host, digest in
                try lab.source("docker: {buildx: {}}", file: "Dockerfile", destination: "\(host)/team/app")
                let noted =
                    #"{"containerimage.config.digest":"\#(Self.id)","containerimage.digest":"\#(pushes ? Self.id : Self.one)"}"#
                try lab.standIn(
                    "docker",
                    """
                    while [ $# -gt 0 ]; do case "$1" in
                    --metadata-file) echo '\(noted)' > "$2";;
                    --tag) name=$2;;
                    esac; shift; done
                    echo "#9 pushing $name with docker" >&2
                    \(pushes ? Self.push(host) : "")
                    """
                )
                let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
                let expected = pushes ? digest : Self.one
                #expect(outcome.output.contains("image: \(host)/team/app@\(expected)\n"), "\(outcome.log)")
            }
        }
    }

    @Test("Podman under docker's name pushes as Podman does; the registry has what is printed", .needs(.podman))
    func podman() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                try lab.source("docker: {build: {}}", file: "Dockerfile", destination: "\(host)/team/app")
                try lab.write(String(repeating: "some text\n", count: 500), to: "src/hello")
                let runRoot = "/tmp/run-" + lab.folder.suffix(8)
                defer { try? FileManager.default.removeItem(atPath: runRoot) }
                let podman = "podman --root \(lab.folder)/podman --runroot \(runRoot) --storage-driver vfs"
                try lab.standIn(
                    "docker",
                    """
                    echo 'Emulate Docker CLI using podman.' >&2
                    [ "$1" = build ] && shift && exec \(podman) build --isolation chroot "$@"
                    exec \(podman) "$@"
                    """
                )
                let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--images-annotation=false")
                try #require(outcome.status == 0, "\(outcome.log)")
                let reference = try #require(outcome.output.firstMatch(of: #/image: (\S+@sha256:[0-9a-f]{64})/#)?.1)
                #expect(try await !lab.rawManifest(String(reference)).isEmpty)
            }
        }
    }
}
