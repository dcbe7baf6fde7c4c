import FoundationEssentials
import Subprocess
import Testing

@Suite("Registries kept as a file says", .needs(.dockerRegistry, .skopeo))
struct MirrorTests {
    /// Runs `body` with a registry that has the tags of `lib/tagged`, behind a proxy that notes requests.
    private func registry(
        _ faults: [Fault] = [],
        _ body: @escaping @Sendable (Lab, _ host: String, _ backend: String) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("tags", to: backend)
                try await lab.faulty(backend, faults) { try await body(lab, $0, backend) }
            }
        }
    }

    @Test("what was run is kept: nothing is to do, at one HEAD a tag and side, and no manifest is read")
    func idle() async throws {
        try await registry { lab, host, backend in
            try lab.writeMirror(to: host + "/mirror", "- repository: \(host)/lib/tagged")
            #expect(try await lab.mirrorCounts() == ["add": 16, "move": 0, "keep": 0, "prune": 0])
            #expect(try await lab.tags(backend + "/mirror/lib/tagged").isEmpty)
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            #expect(try await lab.mirrorCounts() == ["add": 0, "move": 0, "keep": 16, "prune": 0])
            #expect(try await lab.digests(backend + "/mirror/lib/tagged") == lab.digests(backend + "/lib/tagged"))
            let before = try lab.requests().count
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            let idle = try lab.requests().dropFirst(before).map { $0.split(separator: " ").prefix(2).map(String.init) }
            #expect(idle.count { $0[0] == "HEAD" } == 32, "\(idle)")
            #expect(idle.filter { $0[0] != "HEAD" }.allSatisfy { $0[0] == "GET" && !$0[1].contains("/manifests/") })
            #expect(idle.count { $0[1].contains("/tags/list") } == 3, "\(idle)")
        }
    }

    @Test(
        "tags by name, pattern, expression, range and age",
        arguments: [
            ("[1.0.0, latest]", ["1.0.0", "latest"]),
            ("{match: ['v2.*'], except: ['*-dev']}", ["v2.1.0"]),
            ("{regex: ['1\\.[0-9]+\\.0']}", ["1.0.0", "1.1.0", "1.10.0"]),
            ("{semver: '>=1.0 <2'}", ["1.0.0", "1.0.1", "1.1.0", "1.10.0"]),
            ("{semver: '>=1', newest: 3}", ["1.10.0", "2.0.0", "v2.1.0"]),
            ("{semver: '>=1.2.0-rc.2 <1.11', prereleases: true}", ["1.10.0", "1.2.0-rc.2"]),
        ]
    )
    func selection(tags: String, expected: [String]) async throws {
        try await registry { lab, host, backend in
            try lab.writeMirror(to: host + "/mirror", "- repository: \(host)/lib/tagged\n  tags: \(tags)")
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            #expect(try await lab.tags(backend + "/mirror/lib/tagged") == expected)
        }
    }

    @Test("a registry that asks to be waited for is, and all arrives")
    func rateLimit() async throws {
        let wait = #""headers":{"Retry-After":"1"}"#
        try await registry([.status(429, "HEAD", "/lib/tagged/manifests/1", times: 3, wait)]) { lab, host, backend in
            try lab.writeMirror(to: host + "/mirror", "- repository: \(host)/lib/tagged")
            let clock = ContinuousClock()
            let took = try await clock.measure {
                try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            }
            #expect(took >= .seconds(1))
            #expect(try lab.requests().count { $0.contains(" 429 ") } == 3)
            #expect(try await lab.mirrorCounts()["keep"] == 16)
        }
    }

    @Test("skopeo sync with the same file brings the same tags and digests")
    func skopeo() async throws {
        try await registry { lab, _, backend in
            try lab.write(
                """
                \(backend):
                  tls-verify: false
                  images:
                    lib/tagged: [1.0.0, latest]
                  images-by-tag-regex:
                    lib/tagged: ^2\\.0\\.0-.*$
                """,
                to: "sync.yml"
            )
            let flags = ["sync", "--all", "--src", "yaml", "--dest", "docker", "--dest-tls-verify=false"]
            try await lab.succeed("skopeo", flags + ["sync.yml", backend + "/skopeo"])
            let imported = try await lab.kbld(
                "mirror",
                "import",
                "--from",
                "skopeo",
                "sync.yml",
                "-r",
                backend + "/mirror"
            )
            try #require(imported.status == 0, "\(imported.log)")
            try lab.write(imported.output, to: "mirror.yml")
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            let theirs = try await lab.digests(backend + "/skopeo/tagged")
            #expect(theirs.count == 4)
            #expect(try await lab.digests(backend + "/mirror/tagged") == theirs)
        }
    }

    @Test("a run that is killed is made good by the next, and what it has set is the mirror's own")
    func killedRun() async throws {
        let stall = Fault("stall", "PUT", "/mirror/lib/tagged/manifests/", times: 2, skip: 3)
        try await registry([stall]) { lab, host, backend in
            try lab.writeMirror(to: host + "/mirror", "- repository: \(host)/lib/tagged")
            let run = ["mirror", "run", "-f", "mirror.yml", "--concurrency", "2"]
            let killed = try await lab.interrupted(run, by: .kill) {
                try lab.requests().contains { $0.contains(" stall ") }
            }
            #expect(killed.outcome.status == 137)
            #expect(try await lab.tags(backend + "/mirror/lib/tagged").count < 16)
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            #expect(try await lab.mirrorCounts() == ["add": 0, "move": 0, "keep": 16, "prune": 0])
            #expect(try await lab.digests(backend + "/mirror/lib/tagged") == lab.digests(backend + "/lib/tagged"))
            try lab.writeMirror(to: host + "/mirror", "- repository: \(host)/lib/tagged\n  tags: [latest]")
            #expect(try await lab.mirrorCounts()["prune"] == 15)
        }
    }

    @Test("shards divide a mirror, and a run without a shard sets the tags")
    func shards() async throws {
        try await registry { lab, host, backend in
            try lab.writeMirror(to: host + "/mirror", "- repository: \(host)/lib/tagged")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<3 {
                    group.addTask {
                        let outcome = try await lab.run(
                            Lab.program,
                            ["mirror", "run", "-f", "mirror.yml", "--shard", "auto/3"],
                            environment: ["JOB_COMPLETION_INDEX": "\(index)"]
                        )
                        #expect(outcome.status == 0 && outcome.log.contains("shard \(index)/3: "), "\(outcome.log)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await lab.tags(backend + "/mirror/lib/tagged").isEmpty)
            #expect(try await lab.mirrorCounts()["add"] == 16)
            let job = try await lab.kbld(
                "job",
                "mirror",
                "-f",
                "mirror.yml",
                "--shards",
                "3",
                "--tool-image",
                "r.local/kbld:1"
            )
            let arguments = ["mirror", "run", "-f", "/documents/mirror.yml", "--shard", "auto/3"]
            #expect(job.output.contains(arguments.map { "- \($0)\n" }.joined(separator: "        ")), "\(job.log)")
            let before = try lab.requests().count
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml", "--no-recheck"])
            let last = try lab.requests().dropFirst(before)
            #expect(
                !last.contains {
                    $0.hasPrefix("GET /v2/lib/tagged/manifests/") || $0.contains("/mirror/lib/tagged/blobs/")
                }
            )
            #expect(try await lab.digests(backend + "/mirror/lib/tagged") == lab.digests(backend + "/lib/tagged"))
        }
    }

    // MARK: Pruning

    @Test("pruning refuses what nobody has looked at, and deletes what was planned, killed or not")
    func prune() async throws {
        let stall = Fault("stall", "DELETE", "/mirror/lib/tagged/manifests/sha256:", times: 1, skip: 2)
        try await registry([stall]) { lab, host, backend in
            let (source, target) = (host + "/lib/tagged", host + "/mirror/lib/tagged")
            let place = backend + "/mirror/lib/tagged"
            try lab.writeMirror(to: host + "/mirror", "- repository: \(source)")
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            try await lab.succeed(Lab.program, ["copy", source + ":3", target + ":theirs"])
            try lab.writeMirror(to: host + "/mirror", "- repository: \(source)\n  tags: {semver: '>=1 <3'}")
            func plan() async throws {
                try await lab.succeed(Lab.program, ["mirror", "prune", "-f", "mirror.yml", "--plan", "p.json"])
            }
            func refusal(_ more: String...) async throws -> String {
                let outcome = try await lab.run(
                    Lab.program,
                    ["mirror", "prune", "-f", "mirror.yml", "--apply", "p.json"] + more
                )
                #expect(outcome.status == 1)
                return outcome.log
            }
            try await plan()
            #expect(try await refusal().contains("tags would be deleted, and at most 20 % may be"))
            try await lab.succeed(Lab.program, ["copy", source + ":1.0.0", target + ":latest"])
            #expect(try await refusal("--limit", "100%").contains("\(target):latest named"))
            let text = try lab.text("mirror.yml")
            try lab.write(text.replacing("<3", with: "<2"), to: "mirror.yml")
            #expect(try await refusal("--limit", "100%").contains("has changed"))
            try lab.write(text, to: "mirror.yml")
            #expect(!(try lab.requests().contains { $0.hasPrefix("DELETE ") }))
            #expect(try await lab.digests(place).count == 17)
            // Planned again it goes, all but what somebody else has set or moved.
            try await plan()
            let kept = ["1.0.0", "1.0.1", "1.1.0", "1.10.0", "2.0.0", "v2.1.0"]
            let before = try await lab.digests(place)
            let apply = ["mirror", "prune", "-f", "mirror.yml", "--apply", "p.json", "--limit", "100%"]
            let killed = try await lab.interrupted(apply, by: .kill) {
                try lab.requests().contains { $0.contains(" stall ") }
            }
            #expect(killed.outcome.status == 137)
            let after = try await lab.digests(place)
            #expect(kept.allSatisfy { after[$0] == before[$0] } && after["theirs"] == before["theirs"])
            try await lab.succeed(Lab.program, apply)
            let left = try await lab.digests(place)
            #expect(Set(left.keys).isSuperset(of: kept + ["theirs", "latest"]))
            #expect(left.allSatisfy { before[$0.key] == $0.value })
            // The registry deletes by digest alone, and somebody else's tag names the same image.
            #expect(left["3"] == left["theirs"])
            #expect(try await lab.mirrorCounts()["prune"] == 1)
            #expect(left.count < 17)
        }
    }

    // MARK: Files of other programs

    @Test(
        "files of other programs become mirrors that run",
        arguments: [
            (
                "regsync",
                "version: 1\nsync: [{source: 'HOST/lib/tagged:1.0.0', target: 'HOST/mirror/lib/tagged:1.0.0', type: image}]"
            ),
            ("skopeo", "HOST: {images: {lib/tagged: ['1.0.0']}}"),
            ("image-syncer", "HOST/lib/tagged:1.0.0: HOST/mirror/lib/tagged"),
            (
                "hauler",
                "apiVersion: content.hauler.cattle.io/v1\nkind: Images\nspec: {images: [{name: 'HOST/lib/tagged:1.0.0'}]}"
            ),
            (
                "imageset",
                "kind: ImageSetConfiguration\napiVersion: mirror.openshift.io/v1alpha2\n"
                    + "mirror: {additionalImages: [{name: 'HOST/lib/tagged:1.0.0'}]}"
            ),
        ]
    )
    func imported(format: String, text: String) async throws {
        try await registry { lab, host, backend in
            try lab.write(text.replacing("HOST", with: host), to: "in.yml")
            let arguments = ["mirror", "import", "--from", format, "in.yml", "-r", host + "/mirror"]
            let imported = try await lab.run(Lab.program, arguments)
            try #require(imported.status == 0, "\(imported.log)")
            try lab.write(imported.output, to: "mirror.yml")
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "mirror.yml"])
            let place = format == "skopeo" ? "/mirror/tagged" : "/mirror/lib/tagged"
            #expect(try await lab.tags(backend + place) == ["1.0.0"], "\(imported.output)")
            // Without edits it can be planned and pruned.
            #expect(try await lab.mirrorCounts() == ["add": 0, "move": 0, "keep": 1, "prune": 0])
            try await lab.succeed(Lab.program, ["mirror", "prune", "-f", "mirror.yml", "--plan", "p.json"])
            try await lab.succeed(Lab.program, ["mirror", "prune", "-f", "mirror.yml", "--apply", "p.json"])
        }
    }

    @Test("a login in an address of another program's file is printed nowhere")
    func logins() async throws {
        try await Lab.open { lab in
            try lab.write(
                "https://alice:s3cret@r.local/app:v1: r.local/mirror/app\nr.local/b: r.local/mirror/b\n",
                to: "in.yml"
            )
            let outcome = try await lab.kbld("mirror", "import", "--from", "image-syncer", "in.yml")
            #expect(!(outcome.output + outcome.log).contains("s3cret"), "\(outcome.output) \(outcome.log)")
            #expect(outcome.log.contains("alice") || outcome.log.contains("r.local/app"), "\(outcome.log)")
        }
    }
}
