import FoundationEssentials
import Testing

@Suite("What comes along with images")
struct CompanionTests {
    private struct Index: Decodable {
        struct Entry: Decodable {
            struct Platform: Decodable { var architecture: String }
            var digest: String
            var artifactType: String?
            var platform: Platform?
        }
        var manifests: [Entry]
    }

    private static func index(_ text: String) throws -> Index {
        try JSONDecoder().decode(Index.self, from: Data(text.utf8))
    }

    private static func hex(_ reference: String) -> String { String(reference.suffix(64)) }

    @Test("referrers and cosign's signatures arrive, and are listed where they arrive", arguments: ["pkg", "relocate"])
    func companions(way: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let reference = try #require(try await lab.push("basic", to: registry)["index"])
                let made = try await lab.run(
                    "python3",
                    [lab.script("push_companions.py"), reference]
                )
                try #require(made.status == 0, "\(made.log)")
                let names = made.output.split(separator: "\n").map(String.init)
                let (referrer, signature) = (names[0], names[1])
                try lab.write("image: \(reference)\n", to: "in.yml")
                let flags = ["--referrers", "--cosign"]
                if way == "pkg" {
                    let packed = try await lab.run(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"] + flags)
                    #expect(packed.status == 0, "\(packed.log)")
                    let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", registry + "/far/app")
                    #expect(moved.status == 0, "\(moved.log)")
                } else {
                    let arguments = ["relocate", "-f", "in.yml", "-r", registry + "/far/app"] + flags
                    let moved = try await lab.run(Lab.program, arguments)
                    #expect(moved.status == 0, "\(moved.log)")
                }
                // This registry has no referrers API: the tag lists them.
                let hex = Self.hex(reference)
                let listed = try Self.index(try await lab.rawManifest("\(registry)/far/app:sha256-\(hex)"))
                #expect(listed.manifests.map(\.digest) == ["sha256:" + Self.hex(referrer)])
                #expect(listed.manifests.map(\.artifactType) == ["application/vnd.example.sbom"])
                let arrived = try await lab.rawManifest("\(registry)/far/app:sha256-\(hex).sig")
                #expect(try await lab.rawManifest(signature) == arrived)
                let moved = try await lab.rawManifest("\(registry)/far/app@sha256:\(Self.hex(referrer))")
                #expect(try await lab.rawManifest(referrer) == moved)
            }
        }
    }

    @Test("an index is slimmed on purpose: the log, the documents and the annotation tell")
    func slimming() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let reference = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("kind: Pod\nimage: \(reference)\n", to: "in.yml")
                let packed = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--platform", "linux/amd64")
                #expect(packed.status == 0, "\(packed.log)")
                #expect(packed.log.contains("package | slimmed \(reference) to linux/amd64: it is "))
                let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", registry + "/far/app")
                #expect(moved.status == 0, "\(moved.log)")
                let image = try #require(
                    moved.output.split(separator: "\n").first { $0.hasPrefix("image: ") }?.dropFirst(7)
                )
                #expect(Self.hex(String(image)) != Self.hex(reference))
                #expect(moved.output.contains("platformSelected"))
                #expect(moved.output.contains(Self.hex(reference)))
                let index = try Self.index(try await lab.rawManifest(String(image)))
                #expect(index.manifests.map(\.platform?.architecture) == ["amd64"])
                let none = try await lab.kbld("pkg", "-f", "in.yml", "-o", "q.tar", "--platform", "linux/s390x")
                #expect(none.status == 1)
                #expect(none.log.contains("would leave nothing"))
                #expect(try !lab.files().contains("q.tar"))
            }
        }
    }
}
