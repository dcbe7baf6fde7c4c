import SourceReferences
import Testing

@Suite("Texts that read like references, where none are looked for")
struct OverlookedTests {
    private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    private func found(_ text: String, _ kind: SourceFileKind = .kubernetes) throws -> [String] {
        let bytes = Array(text.utf8)
        return try SourceFile(path: "file", bytes: bytes, kind: kind).overlooked().map { reference in
            // The place is that of the word, not of the value that it is in.
            #expect(String(decoding: bytes[reference.range], as: UTF8.self) == reference.text)
            return reference.text
        }
    }

    @Test(
        "They are found within a value",
        arguments: [
            ("reg.io/a/b:1", ["reg.io/a/b:1"]),
            ("--image=reg.io/a:1", ["reg.io/a:1"]),
            ("a=reg.io/a:1,b=localhost:5000/b/c:2", ["reg.io/a:1", "localhost:5000/b/c:2"]),
            ("docker run ghcr.io/x/y:v1.2.3.", ["ghcr.io/x/y:v1.2.3"]),
            ("docker pull docker://reg.io/x@\(digest)", ["reg.io/x@\(digest)"]),
            ("see (reg.io/x:1), [oci://reg.io/y:2]", ["reg.io/x:1", "reg.io/y:2"]),
            (#"{"image":"reg.io/x:1"}"#, ["reg.io/x:1"]),
            ("ü „reg.io/x:1“ reg.io/y:1", ["reg.io/y:1"]),
        ]
    )
    func words(text: String, expected: [String]) throws {
        #expect(try found("a: |\n  \(text)\n") == expected)
        #expect(try found("a: '\(text)'\n") == expected)
    }

    @Test(
        "What has no host, no tag, or is something else, isn't one",
        arguments: [
            "nginx:1", "library/nginx:1", "reg.io/app", "https://reg.io/a:1", "git@github.com:owner/repo.git",
            "github.com/a/b/main.go:12", "/var/lib:/data:ro", "reg.io/a:$TAG", "reg.io/a:${TAG}", "{{.R}}.io/a:1",
            "reg.io/a:{{ .T }}", "reg.io/a:1-{{ .T }}", "%reg.io/a:1", "a.b/c", "12:30", "10.0.0.1:80", "Not/A.Name:x/",
        ]
    )
    func others(text: String) throws {
        #expect(try found("a: |\n  \(text)\n") == [])
    }

    @Test("Escapes end a word")
    func escapes() throws {
        #expect(try found(#"a: "x\nreg.io/a:1\treg.io/b:2\\""#) == ["reg.io/a:1", "reg.io/b:2"])
    }

    @Test("References, keys, notes of programs, config documents and locks are passed over")
    func passedOver() throws {
        let text = """
            image: reg.io/image:1
            reg.io/key:1: x
            annotations:
              kbld.k14s.io/images: "reg.io/note:1"
              kubectl.kubernetes.io/last-applied-configuration: '{"image": "reg.io/applied:1"}'
            env: reg.io/env:1
            ---
            apiVersion: kbld.k14s.io/v1alpha1
            kind: Config
            overrides: [{image: "reg.io/a:1", newImage: "reg.io/b:1"}]
            """
        #expect(try found(text) == ["reg.io/env:1"])
    }

    @Test("Dockerfiles and units have them, too")
    func otherKinds() throws {
        let dockerfile = """
            # FROM reg.io/comment:1
            FROM reg.io/base:1
            ENV APP=reg.io/env:1
            RUN docker pull \\
              # reg.io/within:1
              reg.io/pulled:1 && true
            COPY --from=reg.io/other:1 /a /b
            """
        #expect(try found(dockerfile, .dockerfile) == ["reg.io/env:1", "reg.io/pulled:1"])
        let unit = """
            [Container]
            # reg.io/comment:1
            Image=reg.io/app:1
            Environment=SIDE=reg.io/side:1
            """
        #expect(try found(unit, .quadlet) == ["reg.io/side:1"])
        #expect(try found("reg.io/app:1\n", .list) == [])
    }
}
