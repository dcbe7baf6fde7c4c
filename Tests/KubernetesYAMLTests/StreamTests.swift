import KubernetesYAML
import Testing

@Suite("Streams: their ends, JSON texts in a row, and work in proportion")
struct StreamTests {
    private func values(_ text: String) throws -> [YAMLValue] {
        try YAMLReader.documents(in: Array(text.utf8), file: "in.yml").map(\.value)
    }

    @Test(
        "a stream's last line is ended, whether it is or not",
        arguments: [
            ("a: |\n  x", ["a": "x\n"]), ("a: >\n  x\n  y", ["a": "x y\n"]), ("a: |+\n  x", ["a": "x\n"]),
            ("a: |-\n  x", ["a": "x"]), ("a: |2\n   x", ["a": " x\n"]), ("- &a |\n x\n- *a", nil),
            ("a: |\n  x\r\n  y\r", ["a": "x\ny\n"]), ("a: |\n  # x", ["a": "# x\n"]), ("a: x", ["a": "x"]),
            ("a: 'x'", ["a": "x"]), ("a: |\n  x\u{2028}", ["a": "x\u{2028}\n"]), ("{\"a\": 1}", ["a": 1]),
            ("a: |\n\n  x\n\n", ["a": "\nx\n"]), ("a: \"it\\'s\"\nb: |\n  x", ["a": "it's", "b": "x\n"]),
        ] as [(String, YAMLValue?)]
    )
    func end(text: String, value: YAMLValue?) async throws {
        #expect(try YAMLReader.values(in: text, file: "x").first == value ?? ["x\n", "x\n"])
        guard let value else { return }
        #expect(try values(text) == [value])
        let inPieces = try await YAMLReader.documents(in: Array(text.utf8), file: "x", atMost: 8)
        #expect(inPieces.map(\.value) == [value])
    }

    @Test("the last piece of a large file is ended as well")
    func largeEnd() async throws {
        let text = String(repeating: "---\nk: \(String(repeating: "x", count: 500))\n", count: 4000) + "---\na: |\n  x"
        let last = try await YAMLReader.documents(in: Array(text.utf8), file: "x", atMost: 8).last
        #expect(last?.value == ["a": "x\n"])
    }

    @Test(
        "JSON texts one after the other are all read, whatever stands between them",
        arguments: [
            "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", "{\"a\":1}{\"a\":2} {\"a\":3}",
            "\u{FEFF}{\"a\": 1\n}\r\n{\n\"a\":\t2}\n\n\n{\"a\":3}",
            "{\"a\":1}\n---\n{\"a\":2}\n{\"a\":3}\n", "---\n{\"a\":1}\n{\"a\":2}\n---\n---\n{\"a\":3}",
        ]
    )
    func jsonTexts(text: String) throws {
        let documents = try YAMLReader.documents(in: Array(text.utf8), file: "x")
        #expect(documents.map(\.value) == [["a": 1], ["a": 2], ["a": 3]])
        #expect(documents.map(\.index) == [1, 2, 3])
    }

    @Test("each of them has its line, and an error in one is reported")
    func jsonLines() throws {
        let documents = try YAMLReader.documents(in: Array("\n{\"a\":\n1}\n\n{\"b\":1}".utf8), file: "x")
        #expect(documents.map(\.line) == [2, 5])
        for text in ["{\"a\":1}\n{\"a\":}\n", "{\"a\":1}\nx\n", "{\"a\":1}\n1\n", "{\"a\":1}\n[2]\n"] {
            #expect(throws: YAMLError.self) { try values(text) }
        }
        #expect(try YAMLReader.values(in: "1 2", file: "x") == ["1 2"])
    }

    @Test(
        "what the original reads leniently is read as it reads it, in texts of every style",
        arguments: [
            ("a: \"it\\'s\"\n", ["a": "it's"]), ("a: \"\\\\\\'\"\n", ["a": "\\'"]),
            ("a: \"\\'\"\nb: 'C:\\'\nc: it\\'s\nd: |\n  \\'\n", ["a": "'", "b": "C:\\", "c": "it\\'s", "d": "\\'\n"]),
            ("a: \"\\'\"\nb: 'x\\''y' # \\'\n", ["a": "'", "b": "x\\'y"]),
            ("a: [\"\\'\", b:, 'c:', \"d:\", {e: f:}]\n", ["a": ["'", "b:", "c:", "d:", ["e": "f:"]]]),
            (
                "a: [b:, &x c, *x , !!str d, {\"e\": 1}]\nu: http://x:]\n",
                ["a": ["b:", "c", "c", "d", ["e": 1]], "u": "http://x:]"]
            ),
            ("a: [b:]\nc: \"x:, y:]\"\nd: |\n  z:}\n", ["a": ["b:"], "c": "x:, y:]", "d": "z:}\n"]),
            ("a: [b:, \u{E000}\u{85}\u{E001}]\n", ["a": ["b:", "\u{E000}\u{85}\u{E001}"]]),
        ] as [(String, YAMLValue)]
    )
    func lenient(text: String, value: YAMLValue) throws {
        #expect(try values(text) == [value])
    }

    @Test(
        "the work is in proportion to the stream, whatever is in it",
        .timeLimit(.minutes(1)),
        arguments: [
            LongText(String(repeating: "- \"it\\'s\"\n", count: 100_000)),
            LongText(String(repeating: "- [a:, b:]\n", count: 100_000)),
            LongText("- \"" + String(repeating: "\\'", count: 300_000) + "\"\n"),
            LongText(
                (0..<20_000).map { "- &b\($0) {k\($0): 1}\n" }.joined()
                    + "- {<<: [" + (0..<20_000).map { "*b\($0)" }.joined(separator: ", ") + "]}\n"
            ),
            LongText(String(repeating: "- \"\\'\"\n- {a:, b:}\n- 'x\\'\n", count: 25_000)),
        ]
    )
    func proportion(long: LongText) throws {
        let list = try #require(try YAMLReader.values(in: long.text, file: "x").first?.listValue)
        #expect(!list.isEmpty)
    }

    @Test("of several merged maps the earlier ones count, and a map's own keys before all")
    func merges() throws {
        let text = "a: &a {x: 1, u: 1}\nb: &b {x: 2, z: 2}\nc: &c {z: 3, w: 3}\nd: {<<: [*b, *a], w: 0, <<: *c}\n"
        #expect(try values(text).first?["d"] == ["x": 2, "u": 1, "z": 2, "w": 0])
    }
}
