import ContainerImage
import ImageBuild
import KbldConfiguration
import Testing

@Suite("Names of images on the way")
struct TemporaryNameTests {
    @Test(
        "What can't stand in a tag becomes one dash, and 50 characters of the name are enough",
        arguments: [
            ("my/app", "my-app"), ("app", "app"), ("r.io:5000/a_b/c", "r-io-5000-a-b-c"), ("a-b", "a-b"),
            ("a._/b", "a-b"), ("a-/b", "a--b"), ("UPPER/Case", "UPPER-Case"), ("caf\u{E9}/x", "caf-x"),
            (String(repeating: "n", count: 50), String(repeating: "n", count: 50)),
            (String(repeating: "n", count: 51), String(repeating: "n", count: 50)),
            // No tag ends in a dash.
            (String(repeating: "n", count: 49) + "/x", String(repeating: "n", count: 49) + "e"),
        ]
    )
    func cleaning(image: String, cleaned: String) async throws {
        let programs = ScriptedPrograms()
        let resolved = try await programs.build(.docker(ContainerfileOptions()), image: image)
        #expect(resolved.url == "kbld:\(cleaned)-sha256-\(ScriptedPrograms.id.dropFirst(7))")
        let temporary = try #require(programs.calls.first?.value(of: "--tag"))
        #expect(temporary.wholeMatch(of: #/kbld:rand-[0-9]{19}-[0-9]{5,15}-(.*)/#)?.1 == cleaned[...])
        #expect(throws: Never.self) { try ImageReference(temporary) }
    }

    @Test("Two builds of one image have two names on the way and one in the end; the first is the smaller")
    func stability() async throws {
        let programs = ScriptedPrograms()
        let first = try await programs.build(.docker(ContainerfileOptions()))
        let second = try await programs.build(.docker(ContainerfileOptions()))
        #expect(first == second)
        let names = programs.calls.compactMap { $0.value(of: "--tag") }
        #expect(names.count == 2 && names[0] < names[1])
    }
}
