import DocumentInput
import Testing

@Suite("Names of files in texts")
struct InputNameTests {
    @Test("A name that is UTF-8 is its text", arguments: ["", "a.yml", "caf\u{E9}", "\u{1F600}", "\u{10FEFF}"])
    func exact(name: String) {
        let text = InputName.text(of: Array(name.utf8))
        #expect(text == name && InputName.isExact(text) && InputName.shown(text) == name)
    }

    @Test(
        "Bytes that aren't UTF-8 are written out, so that different names stay different",
        arguments: [
            ([0xFF], "\\xff"), ([0x61, 0xE9, 0x62], "a\\xe9b"), ([0xC3], "\\xc3"), ([0xC3, 0xA9, 0xC3], "\u{E9}\\xc3"),
            ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"), ([0xF0, 0x9F, 0x98, 0x80, 0x80], "\u{1F600}\\x80"),
            // The character that would stand for the byte 0xA9.
            ([0xF4, 0x8F, 0xBE, 0xA9], "\\xf4\\x8f\\xbe\\xa9"),
        ] as [([UInt8], String)]
    )
    func bytes(name: [UInt8], shown: String) {
        let text = InputName.text(of: name)
        #expect(InputName.shown(text) == shown)
        #expect(!InputName.isExact(text))
        #expect(text != InputName.text(of: Array(shown.utf8)))
    }
}
