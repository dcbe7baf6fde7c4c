import FoundationEssentials
import Testing

@Suite("Building images from sources", .serialized, .needs(.dockerRegistry, .skopeo))
struct BuildTests {
    private static let id = "sha256:" + String(repeating: "7", count: 64)
    private static let digest = "sha256:" + String(repeating: "8", count: 64)

    /// Docker as far as the builders see it.
    private static let docker = #"""
        case "$1" in
        inspect) repo=${2%:*}; echo '[{"Id":"\#(id)","RepoDigests":["'$repo'@\#(digest)"]}]';;
        build) echo one; echo two >&2;;
        esac
        """#

    private func prepare(_ lab: Lab, source: String, destination: Bool = false) throws {
        try FileManager.default.createDirectory(atPath: lab.folder + "/src", withIntermediateDirectories: true)
        try lab.write("FROM scratch\nCOPY hello /hello\n", to: "src/Containerfile")
        try lab.write("hello\n", to: "src/hello")
        let pushed = destination ? "\ndestinations:\n- {image: my/app, newImage: r.example.com/team/app}\n" : "\n"
        try lab.write(
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nsources:\n- {image: my/app, path: src, \(source)}"
                + pushed,
            to: "conf.yml"
        )
        try lab.write("image: my/app\n", to: "in.yml")
    }

    /// The calls of stand-ins, with what differs from run to run replaced.
    private func calls(_ lab: Lab) throws -> [String] {
        let text = String(decoding: try lab.read("home/calls.log"), as: UTF8.self)
        let here = lab.folder.split(separator: "/").last.map(String.init) ?? ""
        return text.split(separator: "\n").map { line in
            String(line).replacing(here, with: "HERE").replacing(#/rand-[0-9]+-[0-9]+/#, with: "RAND")
                .replacing(#/\/\S*kbld-(digest|metadata)-\S*/#, with: "FILE")
        }
    }

    @Test(
        "a builder is called with exactly its arguments",
        arguments: [
            (
                "docker: {build: {target: t, pull: true, noCache: true, file: F, rawOptions: [--x=y z]}}", false,
                ["docker src build --target t --pull --no-cache --file F --x=y z --tag kbld:RAND-my-app ."]
            ),
            (
                "nerdctl: {build: {platforms: [linux/amd64]}}", true,
                ["nerdctl src build --platform linux/amd64 --tag kbld:RAND-my-app ."]
            ),
        ] as [(String, Bool, [String])]
    )
    func arguments(source: String, pushes: Bool, first: [String]) async throws {
        try await Lab.open { lab in
            try prepare(lab, source: source, destination: pushes)
            try lab.standIn("docker", Self.docker)
            try lab.standIn("nerdctl", "[ \"$1\" = image ] && shift\n" + Self.docker)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(try Array(calls(lab).prefix(first.count)) == first)
            let image = "kbld:my-app-sha256-\(Self.id.dropFirst(7))"
            let expected = pushes ? "r.example.com/team/app@\(Self.digest)" : image
            #expect(outcome.output.contains("image: \(expected)\n"), "\(outcome.output)")
            #expect(outcome.output.contains("path: \(lab.folder)/src\n"))
        }
    }

    @Test("a build's output comes line by line under the image's name, and its last lines with its failure")
    func failure() async throws {
        try await Lab.open { lab in
            try prepare(lab, source: "docker: {build: {}}")
            try lab.standIn("docker", "echo step one; echo no such base >&2; exit 3")
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            let lines = outcome.log.split(separator: "\n").map(String.init)
            #expect(lines.contains("my/app | step one") && lines.contains("my/app | no such base"))
            #expect(outcome.log.contains("Resolving image 'my/app'") && outcome.log.contains("exit status 3"))
            #expect(lines.last == "  no such base")
        }
    }

    @Test("an image that several references come to is built once")
    func once() async throws {
        try await Lab.open { lab in
            try prepare(lab, source: "docker: {build: {}}")
            let overrides = "overrides:\n- {imageRepo: app, newImage: my/app}\n"
            try lab.write(String(decoding: try lab.read("conf.yml"), as: UTF8.self) + overrides, to: "conf.yml")
            try lab.write("all:\n- image: app:1\n- image: app:2\n- image: my/app\n- image: my/app\n", to: "in.yml")
            try lab.standIn("docker", Self.docker)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(try calls(lab).count { $0.contains(" build ") } == 1)
        }
    }

    @Test("no more builds than allowed run at once, and the first that fails stops the others", arguments: [1, 3])
    func concurrency(limit: Int) async throws {
        try await Lab.open { lab in
            try prepare(lab, source: "docker: {build: {}}")
            let names = (0..<8).map { "app\($0)" }
            let sources = names.map { "- {image: \($0), path: src}\n" }.joined()
            try lab.write("apiVersion: kbld.k14s.io/v1alpha1\nkind: Sources\nsources:\n" + sources, to: "conf.yml")
            try lab.write("images:\n" + names.map { "- image: \($0)\n" }.joined(), to: "in.yml")
            let body = #"""
                if [ "$1" = build ]; then
                  touch "$HOME/run.$$"
                  # Until as many as may run once did run at once, each waits for the others.
                  for i in $(seq 200); do
                    [ "$(ls "$HOME" | grep -c '^run\.')" -ge \#(limit) ] && touch "$HOME/full"
                    [ -e "$HOME/full" ] && break; sleep 0.05
                  done
                  sleep 0.2; ls "$HOME" | grep -c '^run\.' >> "$HOME/count.log"; rm "$HOME/run.$$"
                fi

                """#
            try lab.standIn("docker", body + Self.docker)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--build-concurrency", "\(limit)")
            #expect(outcome.status == 0, "\(outcome.log)")
            let counts = String(decoding: try lab.read("home/count.log"), as: UTF8.self).split(separator: "\n")
            #expect(counts.count == 8)
            #expect(counts.compactMap { Int($0) }.max() == limit)
            try lab.standIn("docker", "[ \"$1\" = build ] && sleep 0.1; exit 1")
            try lab.write("", to: "home/calls.log")
            let failed = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--build-concurrency", "\(limit)")
            #expect(failed.status == 1)
            #expect(try calls(lab).count <= limit)
        }
    }

    @Test(
        "podman and buildah build for real; what they push is resolved, packaged and unpackaged",
        .needs(.buildah, .podman),
        arguments: ["podman", "buildah"]
    )
    func withoutAnEngine(builder: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                try prepare(lab, source: "\(builder): {build: {rawOptions: [--isolation=chroot]}}")
                let conf = String(decoding: try lab.read("conf.yml"), as: UTF8.self)
                let there = "\ndestinations:\n- {image: my/app, newImage: '\(host)/built/app', tags: [v1]}\n"
                try lab.write(conf + there, to: "conf.yml")
                let storage = ["STORAGE_DRIVER": "vfs", "XDG_DATA_HOME": lab.folder + "/data"]
                let built = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", environment: storage)
                try #require(built.status == 0, "\(built.log)")
                let reference = try #require(built.output.firstMatch(of: #/image: (\S+@sha256:[0-9a-f]{64})/#)?.1)
                let raw = try await lab.rawManifest(String(reference))
                #expect(try await lab.rawManifest("\(host)/built/app:v1") == raw)
                try lab.write(built.output, to: "resolved.yml")
                let packaged = try await lab.kbld("pkg", "-f", "resolved.yml", "-o", "p.tar")
                #expect(packaged.status == 0, "\(packaged.log)")
                let installed = try await lab.kbld("unpkg", "-f", "resolved.yml", "-i", "p.tar", "-r", "\(host)/moved")
                #expect(installed.status == 0, "\(installed.log)")
                #expect(try await lab.rawManifest("\(host)/moved@" + reference.split(separator: "@")[1]) == raw)
            }
        }
    }
}
