import FoundationEssentials
import LibC
import Testing

@Suite("The programs that build", .serialized, .needs(.dockerRegistry))
struct BuildProgramTests {
    @Test("Ctrl-C ends a build and all that it started", arguments: ["INT", "TERM"])
    func interruption(signal: String) async throws {
        try await Lab.open { lab in
            try lab.source("docker: {build: {}}", file: "Dockerfile")
            // One child that doesn't listen to polite requests.
            let body = """
                sleep 300 & echo $! >> "$HOME/children"
                (trap '' TERM INT; exec sleep 300) & echo $! >> "$HOME/children"
                echo $$ >> "$HOME/children"
                wait
                """
            try lab.standIn("docker", body)
            let script = """
                "$0" -f conf.yml -f in.yml > out.yml 2> log.txt & program=$!
                for i in $(seq 400); do [ "$(wc -l < home/children)" = 3 ] && break; sleep 0.05; done
                kill -\(signal) $program
                wait $program
                echo "status $?" > status
                """
            let start = ContinuousClock.now
            let outcome = try await lab.run("bash", ["-c", script, Lab.program])
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(ContinuousClock.now - start < .seconds(60))
            let status = String(decoding: try lab.read("status"), as: UTF8.self)
            #expect(status == (signal == "INT" ? "status 130\n" : "status 143\n"))
            #expect(try lab.read("out.yml").isEmpty)
            let children = String(decoding: try lab.read("home/children"), as: UTF8.self)
                .split(separator: "\n").compactMap { pid_t($0) }
            #expect(children.count == 3)
            for child in children {
                // What was killed may take a moment to be gone.
                for _ in 0..<100 where Self.runs(child) { try await Task.sleep(for: .milliseconds(50)) }
                #expect(!Self.runs(child), "\(child) runs on")
            }
        }
    }

    /// Whether a process is there, and doesn't only wait to be taken note of.
    private static func runs(_ process: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return text.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    @Test("where only Podman is installed, docker's builds are Podman's")
    func fallback() async throws {
        try await Lab.open { lab in
            try lab.source("docker: {build: {target: t}}", file: "Dockerfile")
            try lab.standIn("podman", "[ \"$1\" = image ] && shift\n" + Lab.docker)
            for tool in ["basename", "sh"] {
                let found = try await lab.run("sh", ["-c", "command -v \(tool)"]).output
                let path = String(found.split(separator: "\n")[0])
                try FileManager.default.createSymbolicLink(
                    atPath: lab.folder + "/bin/\(tool)",
                    withDestinationPath: path
                )
            }
            let only = ["PATH": lab.folder + "/bin"]
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", environment: only)
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.log.contains("my/app | starting build (using Podman): src -> kbld:rand-"))
            #expect(try lab.calls()[0].hasPrefix("podman src build --target t --tag kbld:rand-"))
            try lab.standIn("docker", Lab.docker)
            try lab.write("", to: "home/calls.log")
            let both = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", environment: only)
            #expect(both.log.contains("(using Docker)"))
            #expect(try lab.calls().allSatisfy { $0.hasPrefix("docker ") })
        }
    }

    @Test("a program that isn't installed is named")
    func missing() async throws {
        try await Lab.open { lab in
            try lab.source("pack: {build: {builder: b}}")
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", environment: ["PATH": lab.folder])
            #expect(outcome.status == 1 && outcome.output == "")
            #expect(outcome.log.contains("Resolving image 'my/app'") && outcome.log.contains("'pack'"))
        }
    }

    @Test(
        "docker is told about BuildKit where the source says so",
        arguments: [("{}", "unset"), ("{buildkit: true}", "1"), ("{buildkit: false}", "0")]
    )
    func buildkit(options: String, value: String) async throws {
        try await Lab.open { lab in
            try lab.source("docker: {build: \(options)}", file: "Dockerfile")
            try lab.standIn("docker", "echo kit=${DOCKER_BUILDKIT-unset}\n" + Lab.docker)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.log.contains("my/app | kit=\(value)\n"), "\(outcome.log)")
        }
    }

    @Test("an image that is only here isn't asked for at a registry for a platform")
    func platform() async throws {
        try await Lab.open { lab in
            try lab.source("docker: {}", file: "Dockerfile")
            try lab.standIn("docker", Lab.docker)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--platform", "linux/arm64")
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output.hasPrefix("---\nimage: kbld:my-app-sha256-7777"))
        }
    }

    @Test("what a program prints is shown line by line, in parts where a line is very long")
    func output() async throws {
        try await Lab.open { lab in
            try lab.source("docker: {}", file: "Dockerfile")
            let body = #"""
                if [ "$1" = build ]; then
                  printf 'one\rtwo\r\n\nthree\377\n'; sleep 0.1; printf '\303'; sleep 0.1; printf '\251\n'
                  head -c 33554431 /dev/zero | tr '\0' '.'; printf '\303\251\nlast'
                fi
                """#
            try lab.standIn("docker", body + "\n" + Lab.docker)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 0)
            let printed = outcome.log.split(separator: "\n").filter { $0.hasPrefix("my/app | ") }.map {
                $0.dropFirst(9)
            }
            #expect(printed.dropFirst().prefix(5) == ["one", "two", "", "three\u{FFFD}", "\u{E9}"])
            let long = printed.filter { $0.hasPrefix("....") }
            #expect(long.count > 500 && long.allSatisfy { $0.utf8.count <= 1 << 16 })
            #expect(printed.contains { $0.hasSuffix(".\u{E9}") || $0 == "\u{E9}" } && printed.contains("last"))
        }
    }

    @Test("an image whose ID isn't printed is an error", arguments: ["", "../../x y", "sha256:"])
    func badID(id: String) async throws {
        try await Lab.open { lab in
            try lab.source("docker: {}", file: "Dockerfile")
            try lab.standIn("docker", "[ \"$1\" = inspect ] && echo '[{\"Id\":\"\(id)\"}]'; exit 0")
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 1 && outcome.output == "")
            #expect(outcome.log.contains("the output of 'docker inspect' lacks the ID of the image 'kbld:rand-"))
        }
    }

    @Test("of a build for several platforms the list is the image, not the first that is in it")
    func manifestList() async throws {
        try await Lab.open { lab in
            let options = "kubectlBuildkit: {build: {platform: 'linux/amd64,linux/arm64'}}"
            try lab.source(options, destination: "r.example.com/team/app")
            let digests = ["1", "2", "3"].map { "sha256:" + String(repeating: $0, count: 64) }
            let kinds = ["manifest", "manifest", "manifest list"]
            let lines = zip(kinds, digests).map { "echo '#1 exporting \($0) \($1) 0.0s done' >&2" }
            try lab.standIn("kubectl", lines.joined(separator: "\n"))
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output.hasPrefix("---\nimage: r.example.com/team/app@\(digests[2])\n"))
        }
    }

    @Test("options, which may hold secrets, are not repeated where a build fails")
    func secrets() async throws {
        try await Lab.open { lab in
            let options = "[--build-arg, TOKEN=s3cret, '--secret=id=x,env=s3cret']"
            try lab.source("docker: {build: {rawOptions: \(options)}}", file: "Dockerfile")
            try lab.standIn("docker", "exit 7")
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("'docker build' failed: exit status 7"))
            #expect(!outcome.log.contains("s3cret"))
        }
    }

    @Test(
        "an unchanged source gives the same digest, and no layer is pushed again",
        .needs(.buildah, .podman),
        arguments: ["buildah", "podman"]
    )
    func unchanged(builder: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let options = "{build: {rawOptions: [--isolation=chroot, --timestamp=0]}}"
                try lab.source("\(builder): \(options)", destination: "\(host)/built/app")
                let storage = ["STORAGE_DRIVER": "vfs", "XDG_DATA_HOME": lab.folder + "/data"]
                let first = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", environment: storage)
                try #require(first.status == 0, "\(first.log)")
                // An upload links its layer to the repository, anew if it was there.
                func links() async throws -> String {
                    let find = [".", "-path", "*_layers*", "-name", "link", "-printf", "%p %T@\n"]
                    return try await lab.run("find", find).output
                }
                let before = try await links()
                #expect(before.contains("built/app/_layers"))
                let second = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", environment: storage)
                #expect(second.status == 0, "\(second.log)")
                #expect(second.output == first.output)
                #expect(try await links() == before)
                let names = ["images", "--format", "{{.Name}}:{{.Tag}}"]
                let left = try await lab.run("buildah", names, environment: storage)
                #expect(
                    left.output.contains("kbld:my-app-sha256-") && !left.output.contains(":rand-"),
                    "\(left.output)"
                )
            }
        }
    }
}
