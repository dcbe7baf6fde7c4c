import KubernetesYAML
import Testing

@Suite("Writing YAML")
struct WritingTests {
    @Test(
        "strings are plain where they can be, and quoted where they would read as something else",
        arguments: [
            ("plain", "plain"), ("a b", "a b"), ("", "\"\""), ("true", "\"true\""), ("y", "\"y\""), ("NO", "\"NO\""),
            ("tRUE", "tRUE"), ("null", "\"null\""), ("~", "\"~\""), ("123", "\"123\""), ("0755", "\"0755\""),
            ("089", "\"089\""), ("1e3", "\"1e3\""), (".5", "\".5\""), ("0x1F", "\"0x1F\""), ("1_000", "\"1_000\""),
            ("12:30:45", "\"12:30:45\""), ("1:75", "1:75"), ("2024-01-02", "\"2024-01-02\""),
            ("2024-13-02", "2024-13-02"),
            ("2024-01", "2024-01"), ("<<", "<<"), ("=", "="), (".inf", "\".inf\""), ("1.2.3", "1.2.3"),
            ("- a", "'- a'"), ("-a", "-a"), ("a: b", "'a: b'"), ("a:b", "a:b"), ("a #b", "'a #b'"), ("a#b", "a#b"),
            (" a", "' a'"), ("a ", "'a '"), ("it's", "it's"), ("'tis", "'''tis'"), ("\"q\"", "'\"q\"'"),
            ("a\tb", "\"a\\tb\""), ("\u{0}", "\"\\0\""), ("\u{1F680}", "\"\\U0001F680\""), ("\u{85}", "\"\\N\""),
            ("a\u{2028}b", "\"a\\Lb\""), ("\u{FEFF}x", "\"\\uFEFF\\x78\""), ("x\u{FEFF}", "\"x\\uFEFF\""),
            ("héllo", "héllo"), ("---", "'---'"),
            ("@a", "'@a'"), ("%a", "'%a'"), ("*/5 * * * *", "'*/5 * * * *'"),
        ]
    )
    func strings(text: String, written: String) {
        #expect(YAMLWriter.text(of: ["k": .string(text)]) == "k: \(written)\n")
    }

    @Test(
        "several lines are a literal block, unless a line ends in a space",
        arguments: [
            ("a\nb\n", "k: |\n  a\n  b\n"), ("a\nb", "k: |-\n  a\n  b\n"), ("a\n\n", "k: |+\n  a\n\n"),
            ("  a\nb\n", "k: |2\n    a\n  b\n"), ("\na", "k: |2-\n\n  a\n"), ("a \nb", "k: \"a \\nb\"\n"),
            ("a\n ", "k: \"a\\n \"\n"), ("a\r\nb\r\n", "k: \"a\\r\\nb\\r\\n\"\n"),
            ("a\n\n\nb\n", "k: |\n  a\n\n\n  b\n"),
        ]
    )
    func blocks(text: String, written: String) {
        #expect(YAMLWriter.text(of: ["k": .string(text)]) == written)
    }

    @Test(
        "numbers are written as Go writes them",
        arguments: [
            ("1.0", "1"), ("1.50", "1.5"), ("1e3", "1000"), ("1e20", "1e+20"), ("1e21", "1e+21"), ("0.00001", "1e-05"),
            ("12345678.5", "1.23456785e+07"), ("1234567.25", "1.23456725e+06"), ("123456.5", "123456.5"),
            ("0.1", "0.1"), ("-2.25", "-2.25"), ("0.3333333333333333", "0.3333333333333333"), ("-0", "0"),
            ("9007199254740993", "9007199254740993"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e15", "1000000000000000"), ("1.2345678901234567e19", "12345678901234567000"), ("0.0001", "0.0001"),
        ]
    )
    func numbers(text: String, written: String) throws {
        let value = try #require(try YAMLReader.values(in: text, file: "x").first)
        #expect(YAMLWriter.text(of: value) == written + "\n")
    }

    @Test("keys are in natural order, and quoted where they would read as something else")
    func keys() {
        let keys = ["a10", "a2", "a01", "a1", "b", "10", "9", "true", "v1.10", "v1.9", "B", "é", ""]
        let map = YAMLValue.map(Dictionary(uniqueKeysWithValues: keys.map { ($0, .integer("1")) }))
        let written = YAMLWriter.text(of: map).split(separator: "\n").map { $0.dropLast(3) }
        #expect(
            written.map(String.init)
                == ["\"\"", "\"9\"", "\"10\"", "B", "a1", "a01", "a2", "a10", "b", "\"true\"", "v1.9", "v1.10", "é"]
        )
    }

    @Test("a key of more than 128 bytes or several lines takes the explicit form")
    func explicitKeys() {
        let long = String(repeating: "k", count: 129)
        #expect(YAMLWriter.text(of: [long: "v"] as YAMLValue) == "? \(long)\n: v\n")
        let short = String(repeating: "k", count: 128)
        #expect(YAMLWriter.text(of: [short: "v"] as YAMLValue) == "\(short): v\n")
        #expect(YAMLWriter.text(of: ["a\nb": ["c"]]) == "? |-\n  a\n  b\n: - c\n")
    }

    @Test("lists in maps are not indented, maps in lists begin on the dash's line")
    func nesting() {
        let value: YAMLValue = ["m": [["a": 1, "b": [2, [3, []]]], [:]], "e": [:], "l": []]
        #expect(YAMLWriter.text(of: value) == "e: {}\nl: []\nm:\n- a: 1\n  b:\n  - 2\n  - - 3\n    - []\n- {}\n")
    }

    @Test("long lines fold at single spaces after the 80th column")
    func folding() {
        let words = String(repeating: "aaaa bbbb ", count: 12).dropLast()
        let written = YAMLWriter.text(of: ["key": .string(String(words))])
        let lines = written.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].count > 80 && lines[0].count < 90)
        #expect(lines[1].hasPrefix("  "))
        let spaced = String(repeating: "a  ", count: 60) + "b"
        #expect(YAMLWriter.text(of: ["key": .string(spaced)]).split(separator: "\n").count == 1)
    }

    @Test("JSON is compact, its keys sorted, and escaped for HTML")
    func json() {
        let value: YAMLValue = ["b": [1, true, .null, .float(1.5), .float(1e-7)], "a": "<\"\\\n\u{2028}é"]
        #expect(JSONWriter.compactText(of: value) == #"{"a":"\u003c\"\\\n\u2028é","b":[1,true,null,1.5,1e-7]}"#)
    }

    @Test("what is written is read as the same, for random values")
    func roundTrip() throws {
        var generator = ValueGenerator(seed: 7)
        for _ in 0..<4000 {
            let value = generator.value(depth: 0)
            let text = YAMLWriter.text(of: value)
            let read = try YAMLReader.values(in: text, file: "x")
            #expect(read == [value], "\(text)")
        }
    }
}

/// Random values, with the texts that are hardest to write.
struct ValueGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func number(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    private static let pieces = [
        "a", "b c", " ", "  ", "\n", ":", ": ", "#", " #", "-", "- ", "'", "\"", "\\", "\t", "é", "\u{2028}", "\u{85}",
        "\u{1F600}", "\u{1}", "0", "1", ".", "_", "true", "no", "null", "~", "{", "]", ",", "&", "*", "!", "|", ">",
        "%",
        "@", "`", "?", "<<", "=", "2024-01-02", "12:30", "0x1", "1e3", "\r", "\u{FEFF}",
        "long words to fold over and over ",
    ]

    mutating func text() -> String {
        (0..<number(below: 12)).map { _ in Self.pieces[number(below: Self.pieces.count)] }.joined()
    }

    mutating func value(depth: Int) -> YAMLValue {
        switch number(below: depth < 4 ? 8 : 5) {
        case 0: return .null
        case 1: return .bool(number(below: 2) == 0)
        case 2: return .integer(String(number(below: 1 << 30) - (1 << 29)))
        case 3: return .float(Double(number(below: 1 << 30)) / 1024 + 0.0009765625 / 2)
        case 4, 5: return .string(text())
        case 6: return .list((0..<number(below: 4)).map { _ in value(depth: depth + 1) })
        default:
            var map: [String: YAMLValue] = [:]
            for _ in 0..<number(below: 4) { map[text()] = value(depth: depth + 1) }
            return .map(map)
        }
    }
}
