import Testing

@Suite("Lock files are inputs again", .serialized, .needs(.dockerRegistry))
struct RoundTripTests {
    private static let rules = """
        apiVersion: kbld.k14s.io/v1alpha1
        kind: Config
        searchRules:
        - keyMatcher: {name: ref}
        """

    /// References by tag, by digest, twice, and under a key of their own.
    private func prepare(_ lab: Lab, _ images: [String: String], _ host: String) throws {
        let shared = try #require(images["shared"])
        try lab.write(Self.rules, to: "rules.yml")
        let text =
            "a: {image: '\(host)/lib/app-oci:1.0'}\nb: {ref: '\(shared)'}\nc: {image: '\(host)/lib/app-oci:1.0'}\n"
        try lab.write(text, to: "in.yml")
    }

    /// The document without its annotation.
    private func references(_ output: String) -> [String] {
        output.split(separator: "\n").map(String.init).filter { $0.contains("image: ") || $0.contains("ref: ") }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
    }

    @Test(
        "a lock gives the same images without asking a registry, is packaged, and is written anew where they arrive",
        arguments: ["--lock-output", "--imgpkg-lock-output"]
    )
    func locks(flag: String) async throws {
        try await Lab.open { lab in
            let pinned = try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                try prepare(lab, images, host)
                let resolved = try await lab.kbld("-f", "rules.yml", "-f", "in.yml", flag, "lock.yml")
                try #require(resolved.status == 0, "\(resolved.log)")
                let packaged = try await lab.kbld("pkg", "-f", "lock.yml", "-o", "images.tar")
                #expect(packaged.status == 0, "\(packaged.log)")
                #expect(packaged.log.contains("exported 2 images"))
                return references(resolved.output)
            }
            #expect(pinned.count == 3 && pinned.allSatisfy { $0.contains("@sha256:") })
            // The registry is gone. A kbld lock repeats the rules; an imgpkg lock has no place for them.
            let inputs = ["-f", "lock.yml", "-f", "in.yml"] + (flag == "--lock-output" ? [] : ["-f", "rules.yml"])
            let again = try await lab.run(Lab.program, inputs + [flag, "again.yml"])
            #expect(again.status == 0, "\(again.log)")
            #expect(references(again.output) == pinned)
            let third = try await lab.run(
                Lab.program,
                ["-f", "again.yml"] + inputs.dropFirst(2) + [flag, "third.yml"]
            )
            #expect(third.status == 0, "\(third.log)")
            #expect(third.output == again.output)
            #expect(try lab.read("third.yml") == lab.read("again.yml"))
            try await lab.registry { host in
                let arguments = ["unpkg", "-f", "lock.yml", "-i", "images.tar", "-r", host + "/moved"]
                let moved = try await lab.run(Lab.program, arguments + ["--lock-output", "moved.yml"])
                #expect(moved.status == 0, "\(moved.log)")
                #expect(moved.output == "")
                let rules = flag == "--lock-output" ? [] : ["-f", "rules.yml"]
                let used = try await lab.run(Lab.program, ["-f", "moved.yml", "-f", "in.yml"] + rules)
                #expect(used.status == 0, "\(used.log)")
                let expected = pinned.map { $0.replacing(#/: \S+@/#, with: ": \(host)/moved@") }
                #expect(references(used.output) == expected)
            }
        }
    }

    @Test("a lock is replaced as a whole, and stays where resolving fails")
    func failure() async throws {
        try await Lab.open { lab in
            try lab.write("before\n", to: "lock.yml")
            try lab.write("image: 127.0.0.1:1/gone:1\n", to: "in.yml")
            let failed = try await lab.kbld("-f", "in.yml", "--lock-output", "lock.yml")
            #expect(failed.status == 1 && failed.output == "")
            #expect(String(decoding: try lab.read("lock.yml"), as: UTF8.self) == "before\n")
            try lab.write("a: 1\n", to: "in.yml")
            #expect(try await lab.kbld("-f", "in.yml", "--lock-output", "lock.yml").status == 0)
            let empty = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nminimumRequiredVersion: 0.43.0\n"
            #expect(String(decoding: try lab.read("lock.yml"), as: UTF8.self) == empty)
            #expect(try lab.files().filter { $0.contains("lock") } == ["lock.yml"])
        }
    }

    @Test("an image map is taken as it is, before the registry and after the overrides")
    func imageMap() async throws {
        try await Lab.open { lab in
            let digest = "@sha256:" + String(repeating: "e", count: 64)
            try lab.write(#"{"one": "r.io/mapped\#(digest)", "two": "r.io/other\#(digest)"}"#, to: "map.json")
            let override = "{image: two, newImage: 'r.io/override\(digest)', preresolved: true}"
            let configuration =
                "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nkeys: [ref]\noverrides: [\(override)]\n"
            try lab.write(configuration + "---\nimage: one\nref: two\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml", "--image-map-file", "map.json", "--images-annotation=0")
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output == "---\nimage: r.io/mapped\(digest)\nref: r.io/override\(digest)\n")
            try lab.write("{", to: "map.json")
            let broken = try await lab.kbld("-f", "in.yml", "--image-map-file", "map.json")
            #expect(broken.status == 1 && broken.log.contains("map.json"))
        }
    }
}
