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
