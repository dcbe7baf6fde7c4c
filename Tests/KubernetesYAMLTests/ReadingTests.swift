import KubernetesYAML
import Testing

@Suite("Reading YAML and JSON")
struct ReadingTests {
    private func value(_ text: String) throws -> YAMLValue {
        try #require(try YAMLReader.values(in: text, file: "in.yml").first)
    }

    @Test(
        "plain scalars have the types of YAML 1.1",
        arguments: [
            ("yes", true), ("N", false), ("On", true), ("yEs", "yEs"), ("~", .null), ("NULL", .null), ("nULL", "nULL"),
            ("0x1F", 31), ("0b101", 5), ("0o17", 15), ("0755", 493), ("-0x10", -16), ("1_000", 1000), ("+5", 5),
            ("089", "089"), ("12:30:45", "12:30:45"), ("2024-01-02", "2024-01-02"), ("1.5", .float(1.5)), ("1.0", 1),
            ("'5'", "5"), ("\"yes\"", "yes"), ("!!str 5", "5"), ("!!int \"5\"", 5), ("!!bool \"yes\"", true),
            ("!custom 5", "5"), ("!!binary aGVsbG8=", "hello"), ("!!null ''", .null), ("!!float 3", 3), ("12a", "12a"),
            ("18446744073709551616", .integer("18446744073709551616")),
        ] as [(String, YAMLValue)]
    )
    func scalars(text: String, expected: YAMLValue) throws {
        #expect(try value(text) == expected)
    }

    @Test("JSON is read with its own escapes and white space")
    func json() throws {
        #expect(try value(#"{"a":"\/\ud83d\ude00","b":[1,-0,2.5e1]}"#) == ["a": "/\u{1F600}", "b": [1, 0, 25]])
        #expect(try value("{\n\t\"a\":\t1\n}") == ["a": 1])
    }

    @Test(
        "what YAML doesn't have and the original takes is read: apostrophes behind backslashes, colons at the end",
        arguments: [
            (#"a: "it\'s \'x\' \\ \"é\" \'""#, ["a": #"it's 'x' \ "é" '"#]),
            (#"[é, "\'a", "b\'", c:]"#, ["é", "'a", "b'", "c:"]),
            ("a: [b:, x y:,z's:]", ["a": ["b:", "x y:", "z's:"]]), ("{a: b:, c:}", ["a": "b:", "c:": .null]),
            ("[a\n  b:]", ["a b:"]), ("[http://x:, w]", ["http://x:", "w"]),
        ] as [(String, YAMLValue)]
    )
    func leniency(text: String, expected: YAMLValue) throws {
        #expect(try value(text) == expected)
    }

    @Test("what neither has is refused on its line", arguments: [#"x: "\q""#, "x: [a:?]", "x: [a:[b]]", "x: \"\\'"])
    func strictness(text: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLReader.values(in: "a: \"\\'\"\n" + text, file: "in.yml") }
        #expect(error.map { "\($0)".contains("line 2") } == true, "\(String(describing: error))")
    }

    @Test("a large file of escaped apostrophes is read, or refused in a moment", .timeLimit(.minutes(1)))
    func muchLeniency() {
        let text = String(repeating: "- \"\\'\"\n", count: 200_000)
        _ = try? YAMLReader.values(in: text, file: "in.yml")
        let one = "- \"" + String(repeating: "\\'", count: 2_000_000) + "\"\n"
        #expect((try? YAMLReader.values(in: one, file: "in.yml"))?.first?.listValue?.count == 1)
    }

    @Test("merge keys never override own keys, and earlier maps win")
    func merging() throws {
        let text = "x: &x {a: 1, b: 1}\nz: &z {b: 2, c: 2}\nm: {a: own, <<: [*x, *z]}\nq: {\"<<\": text}\n"
        #expect(try value(text)["m"] == ["a": "own", "b": 1, "c": 2])
        #expect(try value(text)["q"] == ["<<": "text"])
    }

    @Test("documents: Lists are unpacked one level, empty ones vanish, the rest keep file, number and line")
    func documents() throws {
        let text = """
            # nothing
            ---
            {}
            ---
            kind: List
            items: [{a: 1}, {kind: List, items: [{b: 2}]}]
            ---
            items: []
            ---
            kind: PodList
            items: []
            """
        let documents = try YAMLReader.documents(in: Array(text.utf8), file: "f.yml")
        #expect(documents.map(\.value) == [["a": 1], ["kind": "List", "items": [["b": 2]]], ["items": []]])
        #expect(documents.map(\.line) == [5, 5, 8])
        #expect(documents.allSatisfy { $0.file == "f.yml" })
    }

    @Test("other encodings and line ends are read")
    func encodings() throws {
        let utf16: [UInt8] = [0xFF, 0xFE] + "a: é\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try YAMLReader.documents(in: utf16, file: "x").map(\.value) == [["a": "é"]])
        let marked: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("a: 1\r\nb: |\r\n  x\r\n".utf8)
        #expect(try YAMLReader.documents(in: marked, file: "x").map(\.value) == [["a": 1, "b": "x\n"]])
        #expect(try value("%YAML 1.1\n--- {a: 1}\n") == ["a": 1])
        #expect(try value("--- |\n  text\n") == "text\n")
    }

    @Test(
        "what can't be used is refused with file, document and line",
        arguments: [
            ("a: 1\n---\nb: [1, 2\nc: 3\n", "document 2, line 4"), ("a:\n\tb: 1\n", "line 2"),
            ("a: *ghost\n", "'ghost'"), ("a: &a [*a]\n", "contains itself"), ("a: .inf\n", "'.inf'"),
            ("~: 1\n", "null"),
            ("? [a]\n: b\n", "a list"), ("? {a: 1}\n: b\n", "a map"), ("<<: 1\n", "'<<'"), ("a: !!int x\n", "!!int"),
            ("- a\n", "a list"), ("text\n", "a single value"), ("items: [{a: 1}, x]\n", "items[1]"),
            ("a: @x\n", "line 1"), ("a: \"x\n", "line"), ("a: 1\n...\nb: 2\n", "line 3"), ("a: \u{1}\n", "line 1"),
        ]
    )
    func refusals(text: String, part: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLReader.documents(in: Array(text.utf8), file: "in.yml") }
        #expect(error?.description.contains("in.yml") == true)
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test("absurd nesting is refused at once, also on a task's small stack", .timeLimit(.minutes(1)))
    func nesting() async {
        let texts = [
            String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 200_000),
            String(repeating: "- ", count: 200_000), String(repeating: #"{"a":"#, count: 200_000),
        ]
        await withTaskGroup(of: Bool.self) { group in
            for text in texts {
                group.addTask { (try? YAMLReader.values(in: text, file: "x")) == nil }
            }
            for await isRefused in group { #expect(isRefused) }
        }
        let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect((try? YAMLReader.values(in: deep, file: "x")) != nil)
    }

    @Test("aliases that stand for absurdly much are refused in a moment", .timeLimit(.minutes(1)))
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        let error = #expect(throws: YAMLError.self) { try YAMLReader.values(in: text, file: "x") }
        #expect(error?.reason == .aliasBomb)
    }
}
