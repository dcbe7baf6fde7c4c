import FoundationEssentials
import Packages
import Testing

@Suite("JSON as the original's library writes it")
struct GoJSONTests {
    private func written(_ text: String) -> String {
        var json = GoJSON()
        json.string(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(
        "what is escaped, and what isn't",
        arguments: [
            ("", ""), ("plain ü 🙂 \u{7F}", "plain ü 🙂 \u{7F}"), ("\"\\/", #"\"\\/"#),
            ("<a&b>", #"\u003ca\u0026b\u003e"#),
            ("\n\r\t\u{8}\u{C}", #"\n\r\t\b\f"#), ("\0\u{1}\u{F}\u{10}\u{1F}", #"\u0000\u0001\u000f\u0010\u001f"#),
            ("a\u{2028}b\u{2029}", #"a\u2028b\u2029"#),
            ("\u{2027}\u{202A}\u{2000}\u{E000}", "\u{2027}\u{202A}\u{2000}\u{E000}"),
            ("\u{2028}", #"\u2028"#),
        ]
    )
    func escapes(text: String, inside: String) { #expect(written(text) == "\"\(inside)\"") }

    @Test("whatever is written is read again")
    func all() throws {
        let text = String(String.UnicodeScalarView((0..<0x3000).compactMap { Unicode.Scalar($0 as UInt32) }))
        let read = try JSONDecoder().decode(String.self, from: Data(written(text).utf8))
        #expect(read.unicodeScalars.elementsEqual(text.unicodeScalars))
    }
}
