import KubernetesYAML
import Testing

/// What Go's yaml.v2 makes of odd input, followed in its sources.
@Suite("Odd YAML, read and written")
struct OddTextTests {
    private func output(_ text: String) throws -> String {
        YAMLWriter.text(ofDocuments: try YAMLReader.documents(in: Array(text.utf8), file: "in.yml").map(\.value))
    }

    @Test(
        "numbers in every notation",
        arguments: [
            ("-0", "0"), ("-0.0", "0"), ("00", "0"), ("0_7", "7"), ("1_", "1"), ("1__2", "12"), ("-_1", "-1"),
            ("_1", "_1"),
            ("0b", "0b"), ("0x", "0x"), ("0o8", "0o8"), ("0O17", "15"), ("0B11", "3"), ("0X1f", "31"), ("+0x10", "16"),
            ("089", "\"089\""), ("08.5", "8.5"), (".5_0", "0.5"), ("._5", "._5"), (".", "."), ("+", "+"),
            ("+.5", "0.5"),
            ("1.e5", "100000"), ("12.", "12"), ("12e03", "12000"), ("1e400", "1e400"), ("1e-400", "0"),
            ("1e19", "10000000000000000000"),
            ("-1e19", "-1e+19"), ("9223372036854775808.0", "9223372036854776000"),
            ("18446744073709551616.0", "1.8446744073709552e+19"),
            ("-9223372036854775808.0", "-9.223372036854776e+18"), ("0x1FFFFFFFFFFFFFFFFFF", "0x1FFFFFFFFFFFFFFFFFF"),
            ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"), ("0x10000000000000000", "0x10000000000000000"),
            ("0x1_0000000000000000", "0x1_0000000000000000"), ("-0x8000000000000000", "-9223372036854775808"),
            ("-0x8000000000000001", "-0x8000000000000001"), ("+0xFFFFFFFFFFFFFFFF", "+0xFFFFFFFFFFFFFFFF"),
            ("+0x7FFFFFFFFFFFFFFF", "9223372036854775807"),
            ("0o7777777777777777777777777", "0o7777777777777777777777777"),
            ("0b1" + String(repeating: "0", count: 64), "0b1" + String(repeating: "0", count: 64)),
            ("-0b1" + String(repeating: "0", count: 63), "-9223372036854775808"),
            ("-0xFFFFFFFFFFFFFFFFF", "-0xFFFFFFFFFFFFFFFFF"), ("0777777777777777777777777", "4722366482869645213695"),
            ("999999.5", "999999.5"), ("1000000.5", "1.0000005e+06"), ("0.0001", "0.0001"), ("0.00001", "1e-05"),
            ("1.2.3", "1.2.3"),
            ("-.inf0", "-.inf0"), ("+.nan", "+.nan"), ("0x1p4", "0x1p4"), ("190:20:30", "\"190:20:30\""),
            ("1:60", "1:60"), ("1:30.", "\"1:30.\""),
        ]
    )
    func numbers(text: String, written: String) throws {
        #expect(try output("k: \(text)\n") == "---\nk: \(written)\n")
    }

    @Test(
        "texts that are numbers, words or dates to some reader keep quotes; others need none",
        arguments: [
            ("0x1FFFFFFFFFFFFFFFFFF", false), ("0xFFFFFFFFFFFFFFFF", true), ("1__2", true), ("_1", false),
            (".5_0", true), ("._5", false),
            ("1e400", false),
            ("-.inf", true), ("+.nan", false), ("-", false), ("+", false), ("0o17", true), ("0o8", false),
            ("2024-1-2", true),
            ("2024-01-02   03:04:05", true), ("2024-1-2t3:4:5.678+01:60", true), ("2024-02-30", false),
            ("2024-01-02 03:04:05 +1", false),
            ("2024-01-02T03:04:05", false), ("2024-01-02T03:04:05,5Z", true), ("2024-01-02T24:00:00Z", false),
            ("=", false), ("<<", false),
            ("Y", true), ("nO", false), ("Null", true), ("oN", false), ("~~", false), ("tRue", false),
        ]
    )
    func quotes(text: String, isQuoted: Bool) {
        let isMarked = text == "-"
        let plain = isMarked ? "'\(text)'" : text
        #expect(YAMLWriter.text(of: .string(text)) == (isQuoted ? "\"\(text)\"\n" : plain + "\n"))
    }

    @Test(
        "keys of several lines by any reader's count take the explicit form; a merge key's name is quoted",
        arguments: [
            ("a\rb", "? \"a\\rb\"\n: 1\n"), ("a\u{85}b", "? \"a\\Nb\"\n: 1\n"), ("a\u{2028}b", "? \"a\\Lb\"\n: 1\n"),
            ("<<", "\"<<\": 1\n"), ("\u{FEFF}ab", "\"\\uFEFF\\x61\\x62\": 1\n"), ("a\tb", "\"a\\tb\": 1\n"),
            ("'", "'''': 1\n"), ("\u{FEFF}\u{A0}b", "\"\\uFEFF\\_\\x62\": 1\n"),
        ]
    )
    func keys(key: String, written: String) {
        #expect(YAMLWriter.text(of: .map([key: 1])) == written)
    }

    @Test("keys that look the same but are other bytes stay apart")
    func equivalentKeys() throws {
        #expect(try output("\u{E9}: 1\ne\u{301}: 2\n") == "---\ne\u{301}: 2\n\u{E9}: 1\n")
    }

    @Test("half of a surrogate pair is refused in a document, and taken for U+FFFD in a text that a rule reads")
    func surrogates() throws {
        for text in [#"{"a": "\ud800x"}"#, #"{"a": "\udc00"}"#, #"{"a": "\ud800\ud800"}"#] {
            #expect(throws: YAMLError.self) { try YAMLReader.documents(in: Array(text.utf8), file: "f") }
            #expect(JSONReader.value(of: text)?["a"]?.stringValue?.hasPrefix("\u{FFFD}") == true)
        }
    }

    @Test("digits of every script count as digits in the order of keys, zeros as Go has them")
    func keyOrder() {
        let keys = ["a1", "a01", "a10", "a100", "a0", "a00", "x\u{0661}", "x\u{0660}5", "_", "-", "Z", "z"]
        let map = YAMLValue.map(Dictionary(uniqueKeysWithValues: keys.map { ($0, .null) }))
        let written = YAMLWriter.text(of: map).split(separator: "\n").map { String($0.prefix { $0 != ":" }) }
        #expect(written == ["'-'", "_", "Z", "a0", "a00", "a1", "a01", "a10", "a100", "x\u{0661}", "x\u{0660}5", "z"])
    }

    @Test(
        "the separators of Unicode are text wherever they stand",
        arguments: [
            ("k: x\u{2028}y\n", "k: \"x\\Ly\"\n"), ("k: \"x\u{85}y\"\n", "k: \"x\\Ny\"\n"),
            ("k: 'x\u{2029} y'\n", "k: \"x\\P y\"\n"),
            ("k: |\n  x\u{2028}y\n  z\n", "k: \"x\\Ly\\nz\\n\"\n"), ("# c\u{2028}d\nk: 1\n", "k: 1\n"),
            ("k: \u{E000}\u{85}\n", "k: \"\u{E000}\\N\"\n"),
        ]
    )
    func separators(text: String, written: String) throws {
        #expect(try output(text) == "---\n" + written)
    }

    @Test(
        "directives, markers and encodings",
        arguments: [
            ("%YAML 1.2\n---\na: 1\n", "---\na: 1\n"), ("%TAG ! tag:x,2000:\n--- {a: !y z}\n", "---\na: z\n"),
            ("---\n---\na: 1\n---\n# c\n...\n", "---\na: 1\n"),
            ("a: 1\n... \n# c\n---\nb: 1\n", "---\na: 1\n---\nb: 1\n"),
            ("\u{FEFF}{\"a\":\"\\ud83d\\ude00\"}\n---\n{\"b\":\"\\/\"}\n", "---\na: \"\\U0001F600\"\n---\nb: /\n"),
            (
                "a: ! 5\nb: !foo true\nc: !!binary aGk=\n!!merge <<: {z: 1}\n",
                "---\na: \"5\"\nb: \"true\"\nc: hi\nz: 1\n"
            ),
            ("&a k: &b v\n*b : *b\n", "---\nk: v\nv: v\n"), ("items: [{}, {a: 1}]\n", "---\n{}\n---\na: 1\n"),
            ("kind: List\nitems: null\n", "---\nitems: null\nkind: List\n"),
        ]
    )
    func streams(text: String, written: String) throws {
        #expect(try output(text) == written)
    }

    @Test(
        "UTF-16 of both orders is read; half of a pair is refused",
        arguments: [true, false]
    )
    func utf16(isLittle: Bool) throws {
        func bytes(_ units: [UInt16]) -> [UInt8] {
            units.flatMap { isLittle ? [UInt8($0 & 0xFF), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        }
        let text = "a: é\u{2028}\u{1F600}\n---\n{\"b\": 1}\n"
        let documents = try YAMLReader.documents(in: bytes([0xFEFF] + Array(text.utf16)), file: "x")
        #expect(documents.map(\.value) == [["a": "é\u{2028}\u{1F600}"], ["b": 1]])
        #expect(throws: YAMLError.self) {
            try YAMLReader.documents(in: bytes([0xFEFF, 0x61, 0x3A, 0x20, 0xD83D]), file: "x")
        }
    }

    @Test("!!binary is the text that it stands for, or is refused", arguments: ["/w==", "aG", "-_"])
    func binary(text: String) throws {
        let read = try YAMLReader.documents(in: Array("a: !!binary aGk=".utf8), file: "x")
        #expect(read.first?.value == ["a": "hi"])
        let fault = #expect(throws: YAMLError.self) {
            try YAMLReader.documents(in: Array("b: 1\na: !!binary \(text)".utf8), file: "x")
        }
        #expect(fault.map { "\($0)".contains("line 2: '\(text)' is not of the type !!binary") } == true)
    }

    @Test("a large file is read in pieces as it is read whole, with the same documents, lines and faults")
    func pieces() async throws {
        let filler = String(repeating: "x", count: 400)
        let documents = (0..<4000).map { number in
            number % 7 == 0
                ? "# nothing\n" : "k: \(filler)\nn: \(number)\ntext: |\n  ---\n  \(number)\nitems: [{a: \(number)}]\n"
        }
        let text = documents.joined(separator: "--- # next\r\n")
        let whole = try YAMLReader.documents(in: Array(text.utf8), file: "f")
        #expect(whole.count == 3428)
        #expect(try await YAMLReader.documents(in: Array(text.utf8), file: "f", atMost: 8) == whole)
        let broken = text + "---\nk: [\n---\nn: 1\n"
        let fault = #expect(throws: YAMLError.self) { try YAMLReader.documents(in: Array(broken.utf8), file: "f") }
        let inPieces = await #expect(throws: YAMLError.self) {
            try await YAMLReader.documents(in: Array(broken.utf8), file: "f", atMost: 8)
        }
        #expect(fault != nil && inPieces == fault)
        let directives = text + "...\n%TAG ! tag:x,2000:\n--- {a: !y z}\n"
        let last = try await YAMLReader.documents(in: Array(directives.utf8), file: "f", atMost: 8).last
        #expect(last?.value == ["a": "z"])
    }

    @Test(
        "what stands for absurdly much, or is absurdly long, ends in a moment",
        .timeLimit(.minutes(1)),
        arguments: [
            (
                LongText(
                    "a: &a \"\(String(repeating: "x", count: 1 << 20))\"\nb: [\(String(repeating: "*a, ", count: 100))]\n"
                ), false
            ),
            (
                LongText(
                    String(
                        repeating:
                            "---\na: &a [\(String(repeating: "x,", count: 1500))]\nb: [\(String(repeating: "*a,", count: 90))]\n",
                        count: 40
                    )
                ), false
            ),
            (LongText("a: 0x" + String(repeating: "f", count: 1 << 20)), true),
            (LongText("a: " + String(repeating: "9", count: 1 << 20)), true),
            (LongText(String(repeating: "- ", count: 1 << 20)), false),
            (LongText(String(repeating: "? ", count: 1 << 20)), false),
        ]
    )
    func bombs(long: LongText, isRead: Bool) {
        let result = Result { try YAMLReader.documents(in: Array(long.text.utf8), file: "x") }
        #expect(((try? result.get()) != nil) == isRead)
    }
}
