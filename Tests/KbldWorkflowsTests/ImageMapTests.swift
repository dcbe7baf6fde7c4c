import KbldConfiguration
import KbldWorkflows
import Testing

@Suite("JSON objects from reference to reference")
struct ImageMapTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("Each pair is an override that is final")
    func overrides() throws {
        let path = try folder.write(#"{"b": "r.example/b@sha256:2", "a": "r.example/a@sha256:1"}"#, to: "map.json")
        let overrides = try ImageMap.read(path).overrides
        #expect(overrides.map(\.matcher) == [.image("a"), .image("b")])
        #expect(overrides.map(\.newImage) == ["r.example/a@sha256:1", "r.example/b@sha256:2"])
        #expect(overrides.map(\.preresolved) == [true, true])
    }

    @Test("Of a reference that is given twice the last counts")
    func twice() throws {
        let path = try folder.write(#"{"a": "r.io/x:1", "b": "r.io/b", "a": "r.io/x:2"}"#, to: "map.json")
        #expect(try ImageMap.read(path).overrides.map(\.newImage) == ["r.io/x:2", "r.io/b"])
    }

    @Test(
        "Anything else is refused, with what it is",
        arguments: [
            ("[]", "it holds a list"), (#"{"a": 1}"#, "the value of 'a' is a number"),
            (#"{"a": null}"#, "the value of 'a' is null"), ("a: b", "it is not valid JSON"),
            ("", "it is not valid JSON"),
        ]
    )
    func malformed(text: String, what: String) throws {
        let path = try folder.write(text, to: "map.json")
        let error = #expect(throws: ImageMapError.self) { try ImageMap.read(path) }
        let start = "Reading image map '\(path)': \(what), but it must be a JSON object of strings"
        #expect(error?.description.hasPrefix(start) == true)
    }

    @Test("A file that isn't there is named")
    func missing() {
        let error = #expect(throws: ImageMapError.self) { try ImageMap.read("/nowhere/map.json") }
        #expect(error?.description == "Reading image map '/nowhere/map.json': No such file or directory")
    }
}
