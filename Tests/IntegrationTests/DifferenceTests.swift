import Testing

/// What the program does otherwise than the original on purpose: docs/parity.md, "Differences".
@Suite("Differences on purpose", .needs(.dockerRegistry))
struct DifferenceTests {
    private static let digest = "@sha256:" + String(repeating: "7", count: 64)

    /// The image `app` comes to a fixed digest, without a registry.
    private static let override = """
        apiVersion: kbld.k14s.io/v1alpha1
        kind: Config
        overrides:
        - {image: app, newImage: 'r.io/new\(digest)', preresolved: true}

        """

    private func run(_ document: String, _ arguments: String...) async throws -> Lab.Outcome {
        try await Lab.open { lab in
            try lab.write(Self.override, to: "conf.yml")
            try lab.write(document, to: "in.yml")
            return try await lab.run(Lab.program, ["-f", "conf.yml", "-f", "in.yml"] + arguments)
        }
    }

    private static let noted = """
        ---
        image: r.io/x\(digest)
        metadata:
          annotations:
            kbld.k14s.io/images: |
              - origins:
                - resolved:
                    tag: "1"
                    url: r.io/x:1
                url: r.io/x\(digest)

        """

    private static let preresolved = """
              - origins:
                - preresolved:
                    url: r.io/new\(digest)
                url: r.io/new\(digest)

        """

    @Test("an annotation stays where all references have digests, and none is written where there is nothing to say")
    func digests() async throws {
        #expect(try await run(Self.noted).output == Self.noted)
        #expect(try await run("image: r.io/x\(Self.digest)\n").output == "---\nimage: r.io/x\(Self.digest)\n")
    }

    @Test("earlier origins are kept beside new ones, and go with their image")
    func earlierOrigins() async throws {
        let both = try await run(Self.noted + "other: {image: app}\n").output
        #expect(both.contains("url: r.io/x:1\n") && both.contains(Self.preresolved))
        let gone = try await run(Self.noted.replacing("image: r.io/x", with: "was: r.io/x") + "image: app\n").output
        #expect(!gone.contains("r.io/x:1") && gone.contains(Self.preresolved))
    }

    @Test(
        "annotations that are not strings stay beside the new one, and metadata that is null gets one",
        arguments: [
            ("metadata: {annotations: {count: 5, on.x: true}}", "    count: 5\n"),
            ("metadata: {annotations: {count: 5, on.x: true}}", "    on.x: true\n"),
            ("metadata: null", "metadata:\n  annotations:\n    kbld.k14s.io/images: |\n"),
            ("metadata: {annotations: null, name: x}", "  name: x\n"),
        ]
    )
    func otherAnnotations(metadata: String, kept: String) async throws {
        let outcome = try await run("image: app\n\(metadata)\n")
        #expect(outcome.status == 0, "\(outcome.log)")
        #expect(outcome.output.contains(kept) && outcome.output.contains(Self.preresolved))
    }

    @Test(
        "metadata of another kind is left alone",
        arguments: ["metadata: text\n", "metadata:\n  annotations: text\n"]
    )
    func otherMetadata(metadata: String) async throws {
        #expect(try await run("image: app\n" + metadata).output == "---\nimage: r.io/new\(Self.digest)\n" + metadata)
    }

    @Test(
        "what valid YAML and JSON say is kept",
        arguments: [
            ("a: 9007199254740993\n", "a: 9007199254740993\n"),
            ("a: 12345678901234567890123\n", "a: 12345678901234567890123\n"),
            (#"{"a": "\/", "b": "\ud83d\ude80"}"#, "a: /\nb: \"\\U0001F680\"\n"),
            ("base: &base {a: 1, b: 2}\nuse: {<<: *base, a: own}\n", "base:\n  a: 1\n  b: 2\nuse:\n  a: own\n  b: 2\n"),
            ("use: {a: own, <<: {a: 1}}\n", "use:\n  a: own\n"), ("%YAML 1.1\n--- {a: 1}\n", "a: 1\n"),
            ("kind: Thing\nitems: []\n", "items: []\nkind: Thing\n"),
            ("image: localhost/x\(digest)\n", "image: localhost/x\(digest)\n"),
        ]
    )
    func values(document: String, output: String) async throws {
        let outcome = try await run(document)
        #expect(outcome.status == 0, "\(outcome.log)")
        #expect(outcome.output == "---\n" + output)
    }

    @Test("text after the end of a document is refused with file, document and line")
    func afterTheEnd() async throws {
        let outcome = try await run("a: 1\n---\nb: 2\n...\nc: 3\n")
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.log.contains("'in.yml', document 2, line 5"), "\(outcome.log)")
    }

    @Test("--unresolved-inspect prints nothing where there is nothing")
    func nothingToInspect() async throws {
        let outcome = try await run("a: 1\n", "--unresolved-inspect")
        #expect(outcome.status == 0 && outcome.output == "" && outcome.log == "")
    }

    @Test("a broken image map is named", arguments: ["map.json", "gone.json"])
    func brokenMap(name: String) async throws {
        try await Lab.open { lab in
            try lab.write("[]", to: "map.json")
            try lab.write("image: app\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml", "--image-map-file", name)
            #expect(outcome.status == 1 && outcome.log.contains("'\(name)'"), "\(outcome.log)")
        }
    }

    @Test("an imgpkg lock takes images by digest alone; the other lock takes all")
    func lockWithoutDigest() async throws {
        try await Lab.open { lab in
            try lab.write(Self.override.replacing("new\(Self.digest)", with: "new:1"), to: "conf.yml")
            try lab.write("image: app\n", to: "in.yml")
            let refused = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--imgpkg-lock-output", "l.yml")
            #expect(refused.status == 1 && refused.output == "")
            #expect(refused.log.contains("'app' to be in digest form, got 'r.io/new:1'"), "\(refused.log)")
            #expect(try !lab.files().contains("l.yml"))
            #expect(try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--lock-output", "l.yml").status == 0)
            #expect(String(decoding: try lab.read("l.yml"), as: UTF8.self).contains("newImage: r.io/new:1"))
        }
    }

    @Test("a web address that answers with an error is refused with its status")
    func webStatus() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let outcome = try await lab.kbld("-f", "http://\(host)/v2/no/such/manifests/x")
                #expect(outcome.status == 1 && outcome.output == "")
                #expect(outcome.log.contains(host) && outcome.log.contains("404"), "\(outcome.log)")
            }
        }
    }

    @Test(
        "an address that nothing answers, or whose port is invalid, is reported soon",
        arguments: [("127.0.0.1:1", "refused"), ("127.0.0.1:99999", "port"), ("localhost:99999", "port")]
    )
    func noAnswer(host: String, words: String) async throws {
        try await Lab.open { lab in
            let start = ContinuousClock.now
            let outcome = try await lab.kbld("-f", "http://\(host)/x.yml")
            #expect(outcome.status == 1 && outcome.output == "" && outcome.log.contains(words), "\(outcome.log)")
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test("two origins of one digest come in the order of the document, keys sorted")
    func orderOfOrigins() async throws {
        let other =
            "- {image: app2, newImage: 'r.io/new\(Self.digest)', preresolved: true, origins: [{local: {path: /b}}]}\n"
        let config = Self.override + other
        try await Lab.open { lab in
            try lab.write(config, to: "conf.yml")
            try lab.write("one: {image: app}\ntwo: {image: app2}\n", to: "in.yml")
            let first = try await lab.kbld("-f", "conf.yml", "-f", "in.yml").output
            try lab.write("two: {image: app2}\none: {image: app}\n", to: "in.yml")
            #expect(try await lab.kbld("-f", "conf.yml", "-f", "in.yml").output == first)
            try lab.write("one: {image: app2}\ntwo: {image: app}\n", to: "in.yml")
            let second = try await lab.kbld("-f", "conf.yml", "-f", "in.yml").output
            for (output, isLocalFirst) in [(first, false), (second, true)] {
                let local = try #require(output.firstRange(of: "- local:"))
                let plain = try #require(output.firstRange(of: "- origins:\n        - preresolved:"))
                #expect((local.lowerBound < plain.lowerBound) == isLocalFirst)
            }
        }
    }

    @Test("what a version before 0.31 noted stays, in today's form")
    func oldForm() async throws {
        let old = "- Metas:\n  - {Tag: '1', Type: resolved, URL: 'r.io/x:1'}\n  URL: r.io/x\(Self.digest)\n"
        let notes = old.split(separator: "\n").map { "      \($0)\n" }.joined()
        let head = "image: r.io/x\(Self.digest)\nmetadata:\n  annotations:\n    kbld.k14s.io/images: |\n"
        let output = try await run(head + notes + "other: {image: app}\n").output
        #expect(output.contains("- resolved:\n            tag: \"1\"\n            url: r.io/x:1\n"), "\(output)")
        #expect(output.contains(Self.preresolved))
    }

    @Test("what a lock's origins say already isn't noted once more")
    func preresolvedOnce() async throws {
        let images = """
            apiVersion: imgpkg.carvel.dev/v1alpha1
            kind: ImagesLock
            images:
            - image: r.io/locked\(Self.digest)
              annotations:
                kbld.carvel.dev/id: locked
                kbld.carvel.dev/origins: |
                  - preresolved:
                      url: r.io/locked\(Self.digest)
            ---
            image: locked

            """
        let outcome = try await run(images)
        #expect(outcome.output.split(separator: "preresolved:").count == 2, "\(outcome.output)")
    }

    @Test("a final image isn't looked up for a platform, and a reference can be given a platform without a new image")
    func overrides() async throws {
        let final =
            "{image: a, newImage: '127.0.0.1:1/x\(Self.digest)', preresolved: true, platformSelection: {os: linux}}"
        let head = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\noverrides:\n"
        let outcome = try await run("\(head)- \(final)\n---\nimage: a\n", "--images-annotation=false")
        #expect(outcome.output == "---\nimage: 127.0.0.1:1/x\(Self.digest)\n", "\(outcome.log)")
        let refused = try await run("\(head)- {image: a}\n---\nimage: a\n")
        #expect(refused.status == 1 && refused.log.contains("overrides[0]: expected newImage"), "\(refused.log)")
        try await Lab.open { lab in
            try await lab.registry { host in
                _ = try await lab.push("basic", to: host)
                let image = "\(host)/lib/multi"
                let override = "- {image: '\(image)', platformSelection: {os: linux, architecture: arm64}}"
                try lab.write("\(head)\(override)\n---\nimage: \(image)\n", to: "in.yml")
                let chosen = try await lab.kbld("-f", "in.yml")
                #expect(chosen.status == 0, "\(chosen.log)")
                #expect(chosen.output.contains("architecture: arm64"))
                #expect(chosen.output.hasPrefix("---\nimage: \(image)@sha256:eac9dbca"))
            }
        }
    }

    @Test(
        "a variable of credentials that isn't known, or is alone, is named",
        arguments: ["KBLD_REGISTRY_HOSTNAMES", "KBLD_REGISTRY_USERNAME", "KBLD_REGISTRY_PASSWORD_1"]
    )
    func variables(name: String) async throws {
        try await Lab.open { lab in
            try lab.write("image: app\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml", environment: [name: "x"])
            #expect(outcome.status == 1 && outcome.log.contains(name), "\(outcome.log)")
        }
    }
}
