import KbldConfiguration
import KubernetesYAML
import Testing

@Suite("What is for which reference")
struct MatchedListTests {
    @Test("the first that matches counts, as a search from the beginning has it")
    func order() {
        let matchers: [ImageMatcher] = [
            .image("a:1"), .imageRepo("a"), .image("a:2"), .imageRepo("b"), .image("b:1"), .image("a:1"),
            .imageRepo("b"),
            .imageRepo("r.io/c"), .image("c@sha256:x"), .image(""), .imageRepo("d:1"),
        ]
        let list = MatchedList(Array(matchers.enumerated()), by: \.element)
        let references = [
            "a:1", "a", "a:2", "a@sha256:1", "b:1", "b", "r.io/c:2", "r.io/c@sha256:0", "c", "c@sha256:x", "", "x\ny",
            "d:1",
            "ab", "r.io/cc",
        ]
        for reference in references {
            let expected = matchers.firstIndex { $0.matches(reference) }
            #expect(list.first(for: reference)?.offset == expected, "\(reference)")
        }
    }

    @Test("many are as fast as few", .timeLimit(.minutes(1)))
    func many() {
        let overrides = (0..<200_000).map { ImageOverride(matcher: .image("app:\($0)"), newImage: "new:\($0)") }
        let list = MatchedList(overrides, by: \.matcher)
        #expect((0..<200_000).allSatisfy { list.first(for: "app:\($0)")?.newImage == "new:\($0)" })
    }

    @Test(
        "origins of the form before 0.31 are read",
        arguments: [
            ("{Type: resolved, URL: a:1, Tag: '1'}", .resolved(url: "a:1", tag: "1")),
            ("{Type: preresolved, URL: b}", .preresolved(url: "b")), ("{Type: local, Path: /p}", .local(path: "/p")),
            ("{Type: tagged, Tags: [v, w]}", .tagged(["v", "w"])),
            (
                "{Type: git, RemoteURL: r, SHA: s, Dirty: true, Tags: null}",
                .git(remoteURL: "r", sha: "s", dirty: true, tags: [])
            ),
            ("{Type: new, A: 1}", .other(["Type": "new", "A": 1])), ("{Type: resolved}", .other(["Type": "resolved"])),
        ] as [(String, Origin)]
    )
    func oldForm(text: String, origin: Origin) throws {
        let value = try #require(try YAMLReader.values(in: text, file: "x").first)
        #expect(Origin(oldForm: value) == origin)
    }

    @Test("a builder that isn't known is refused; other fields are passed over")
    func unknownBuilder() throws {
        let fault = try refusal(of: "sources:\n- {image: a, path: p, kaniko: {build: {}}}\n")
        #expect(fault.map { "\($0)" }?.contains("'kaniko'; known are docker") == true)
        #expect(try config("sources:\n- {image: a, path: p, comment: x, PODMAN: {}}\n").sources.count == 1)
    }
}
