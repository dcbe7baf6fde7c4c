import ContainerImage
import FoundationEssentials
import ImageFiles
import ImageStore
import LibC
import TestSupport
import Testing

@Suite("Files of an image on disk")
struct FileWritingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func files(_ entries: [UInt8]...) async throws -> ImageFiles {
        let store = MemoryStore()
        let image = try SampleImage(layers: [entries.flatMap(\.self) + [UInt8](repeating: 0, count: 1024)])
        let reference = try store.repository("r.example/app").put(image)
        return try await ImageFiles(
            of: image.node(in: reference.repository),
            in: store.repository(reference.repository)
        )
    }

    private func file(_ name: String, _ text: String = "text", mode: Int = 0o644) -> [UInt8] {
        TarBlocks.entry(name, Array(text.utf8), mode: mode)
    }

    private func link(_ name: String, _ target: String) -> [UInt8] { TarBlocks.entry(name, [], "2", link: target) }

    private func target(of name: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path(of: name))
    }

    @Test("A slash with a mark on it is a slash: nothing is written or linked outside")
    func marks() async throws {
        let links = (0..<4).map { link("a\($0)\u{600}", $0 == 0 ? "." : "a\($0 - 1)\u{600}/..") }
        let files = try await files(
            file("../\u{301}evil"),
            file("sub/\u{301}x"),
            link("m", "/\u{301}etc"),
            links.flatMap(\.self),
            link("passwd", "a3\u{600}/etc/passwd")
        )
        let written = try await files.write("/", into: folder.path(of: "out"))
        #expect(try folder.files.allSatisfy { $0 == "out" || $0.utf8.starts(with: "out/".utf8) })
        #expect(written.files == 2 && target(of: "out/m") == nil)
        #expect(written.omitted.count == 4)
    }

    @Test("Names that a reader takes for the same are two files")
    func equivalence() async throws {
        let files = try await files(file("e\u{301}", "one"), file("\u{e9}", "two"))
        #expect(try await files.write("/", into: folder.path(of: "out")).files == 2)
        #expect(try folder.text(of: "out/\u{e9}") == "two" && folder.text(of: "out/e\u{301}") == "one")
    }

    @Test("Names that are no text keep their bytes")
    func bytes() async throws {
        let long: [UInt8] = [0xE9] + Array(repeating: UInt8(ascii: "n"), count: 120)
        let record = Array(" path=".utf8) + long + [UInt8(ascii: "\n")]
        let files = try await files(
            TarBlocks.entry(bytes: [0xFF], Array("one".utf8)),
            TarBlocks.entry(bytes: [0xFE], Array("two".utf8)),
            TarBlocks.entry(bytes: [0xFC], [], "2", link: [0xFE]),
            TarBlocks.entry("pax", Array("\(record.count + 3)".utf8) + record, "x"),
            file("short", "three")
        )
        #expect(try files.entries(at: "/").count == 5)
        #expect(try await files.write("/", into: folder.path(of: "out")).files == 3)
        func text(_ name: [UInt8]) throws -> String {
            let path = Array(folder.path(of: "out/").utf8) + name
            let file = try #require(fopen(path.map { CChar(bitPattern: $0) } + [0], "r"))
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = fread(&bytes, 1, 16, file)
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        #expect(try text([0xFF]) == "one" && text([0xFE]) == "two" && text([0xFC]) == "two")
        #expect(try text(long) == "three")
    }

    @Test("Files, folders and links are written; permissions are plain ones")
    func tree() async throws {
        let files = try await files(
            TarBlocks.entry("usr/bin", [], "5"),
            file("usr/bin/sh", "shell", mode: 0o4755),
            file("empty", ""),
            TarBlocks.entry("again", [], "1", link: "usr/bin/sh"),
            link("bin", "./usr/bin"),
            link("usr/up", "../empty"),
            TarBlocks.entry("dev/null", [], "3")
        )
        let written = try await files.write("/", into: folder.path(of: "out"))
        #expect(written.files == 3 && written.links == 2 && written.bytes == 10)
        #expect(written.omitted == ["/dev/null"])
        #expect(
            try folder.files == [
                "out", "out/again", "out/bin", "out/dev", "out/empty", "out/usr", "out/usr/bin", "out/usr/bin/sh",
                "out/usr/up",
            ]
        )
        #expect(try folder.text(of: "out/again") == "shell" && folder.text(of: "out/usr/up") == "")
        #expect(target(of: "out/bin") == "./usr/bin")
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(of: "out/usr/bin/sh"))
        #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o7777 } == 0o755)
    }

    @Test(
        "A link that might lead out is left out",
        arguments: [
            "/etc/passwd", "..", "../..", "../../x", "a/../../x", "a/..", "../out/../x", "", "../.././x",
        ]
    )
    func escapes(target: String) async throws {
        let files = try await files(link("d/link", target == ".." ? "../.." : target), file("d/a"))
        let written = try await files.write("/", into: folder.path(of: "out"))
        #expect(written.omitted == ["/d/link"] && written.links == 0)
        #expect(try folder.files == ["out", "out/d", "out/d/a"])
    }

    @Test("Files behind links of the layer stay inside")
    func throughLinks() async throws {
        let outside = folder.path(of: "outside")
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        let files = try await files(
            link("out", outside),
            file("out/evil"),
            link("up", "../../.."),
            file("up/evil2"),
            file("../../evil3")
        )
        _ = try await files.write("/", into: folder.path(of: "to"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["outside", "to"])
    }

    @Test("A folder in it is written alone; a file is no folder")
    func part() async throws {
        let files = try await files(file("etc/a", "one"), file("etc/b/c", "two"), file("x"))
        _ = try await files.write("/etc", into: folder.path(of: "etc"))
        #expect(try folder.files == ["etc", "etc/a", "etc/b", "etc/b/c"])
        await #expect(throws: FilePathError.self) { try await files.write("/x", into: folder.path(of: "x")) }
        await #expect(throws: FilePathError.self) { try await files.write("/y", into: folder.path(of: "y")) }
    }

    @Test("What is there already isn't written into")
    func taken() async throws {
        let files = try await files(file("a"))
        try folder.write("mine", to: "full/a")
        try folder.write("mine", to: "file")
        for name in ["full", "file"] {
            let path = folder.path(of: name)
            let error = await #expect(throws: FileWritingError.self) { try await files.write("/", into: path) }
            #expect(error?.reason == "it exists already; name a folder that is new or empty")
        }
        #expect(try folder.text(of: "full/a") == "mine")
    }

    @Test("After a failure nothing is left of what was written", arguments: [true, false])
    func failure(isThere: Bool) async throws {
        let store = MemoryStore()
        let entries = [
            TarBlocks.entry("etc", [], "5"), file("etc/a", "one"), link("etc/l", "a"),
            file("etc/b", String(repeating: "x", count: 100_000)),
        ]
        let image = try SampleImage(layers: [entries.flatMap(\.self) + [UInt8](repeating: 0, count: 1024)])
        let reference = try store.repository("r.example/app").put(image)
        let files = try await ImageFiles(
            of: image.node(in: reference.repository),
            in: store.repository(reference.repository)
        )
        store.faults.breakage[image.parsed.layers[0].digest] = 50_000
        if isThere {
            let path = folder.path(of: "out")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        await #expect(throws: (any Error).self) { try await files.write("/", into: folder.path(of: "out")) }
        #expect(try folder.files == (isThere ? ["out"] : []))
    }
}
