import ContainerImage
import Testing

@Suite("Names that were probably meant")
struct SpellingTests {
    private static let names = ["package", "pkg", "unpackage", "relocate", "registry-ca-cert-path", "file", "serve"]

    @Test(
        "One or two letters away, the beginning of a name, or a part of it",
        arguments: [
            ("pgk", "pkg"), ("packge", "package"), ("reloacte", "relocate"), ("fiel", "file"), ("SERVE", "serve"),
            ("serv", "serve"), ("unpack", "unpackage"), ("ca-cert", "registry-ca-cert-path"),
        ]
    )
    func near(word: String, name: String) {
        #expect(Spelling.nearest(to: word, among: Self.names) == name)
    }

    @Test("Other words are near to none", arguments: ["", "x", "xy", "frobnicate", "image", "fxxx", "pxxage"])
    func far(word: String) {
        #expect(Spelling.nearest(to: word, among: Self.names) == nil)
    }

    @Test("Names of any length cost little")
    func long() {
        #expect(Spelling.nearest(to: String(repeating: "x", count: 1 << 20), among: Self.names) == nil)
        #expect(Spelling.nearest(to: "file", among: [String(repeating: "x", count: 1 << 20)]) == nil)
    }
}
