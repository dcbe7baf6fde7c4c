import KbldWorkflows
import Testing

@Suite("Files with one image a line")
struct ImageListTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("Comments, blank lines and margins are passed over", arguments: ["\n", "\r\n"])
    func references(lineBreak: String) throws {
        let lines = [
            "\u{FEFF}# ours", "", "  nginx:1.29  # the web", "r.example/app@sha256:\(digits)#x", "\t", "redis",
        ]
        let path = try folder.write(lines.joined(separator: lineBreak), to: "images.txt")
        #expect(try ImageList.read(path) == ["nginx:1.29", "r.example/app@sha256:\(digits)", "redis"])
    }

    @Test(
        "What is no image is named with its line",
        arguments: [
            ("nginx\nNGINX\n", ", line 2: image reference 'NGINX': a repository name must be lowercase"),
            ("a b\n", ", line 1: there must be one image a line"), ("# none\n", ": it names no image"),
            ("", ": it names no image"),
        ]
    )
    func malformed(text: String, reason: String) throws {
        let path = try folder.write(text, to: "images.txt")
        let error = #expect(throws: ImageListError.self) { try ImageList.read(path) }
        #expect(error?.description == "Reading list of images '\(path)'\(reason)")
    }

    @Test("A file that isn't there, or isn't one, is named")
    func missing() {
        let error = #expect(throws: ImageListError.self) { try ImageList.read("/nowhere/images.txt") }
        #expect(error?.description == "Reading list of images '/nowhere/images.txt': No such file or directory")
        #expect(throws: ImageListError.self) { try ImageList.read("/dev/zero") }
    }

    private var digits: String { String(repeating: "0", count: 64) }
}
