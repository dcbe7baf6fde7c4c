import Compression
import ContainerImage
import FoundationEssentials
import ImageFiles
import ImageStore
import NIOCore
import TestSupport
import Testing

@Suite("The files of an image")
struct FileTreeTests {
    private static let end = [UInt8](repeating: 0, count: 1024)

    /// An image of layers that have these entries.
    private func files(_ layers: [[UInt8]]...) async throws -> ImageFiles {
        try await files(layers.map { $0.flatMap(\.self) + Self.end })
    }

    private func files(_ layers: [[UInt8]]) async throws -> ImageFiles {
        let store = MemoryStore()
        let image = try SampleImage(layers: layers)
        let reference = try store.repository("r.example/app").put(image)
        return try await ImageFiles(
            of: image.node(in: reference.repository),
            in: store.repository(reference.repository)
        )
    }

    private func file(_ name: String, _ text: String = "text", mode: Int = 0o644) -> [UInt8] {
        TarBlocks.entry(name, Array(text.utf8), mode: mode)
    }

    private func folder(_ name: String) -> [UInt8] { TarBlocks.entry(name, [], "5") }
    private func link(_ name: String, _ target: String) -> [UInt8] { TarBlocks.entry(name, [], "2", link: target) }
    private func hardLink(_ name: String, _ target: String) -> [UInt8] { TarBlocks.entry(name, [], "1", link: target) }

    private func text(_ path: String, in files: ImageFiles) async throws -> String {
        var bytes: [UInt8] = []
        try await files.read(path) { bytes.append(contentsOf: $0.readableBytesView) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func paths(_ files: ImageFiles, at path: String = "/") throws -> [String] {
        try files.entries(at: path).map(\.path)
    }

    @Test("A later layer replaces and removes what earlier ones have")
    func layers() async throws {
        let files = try await files(
            [folder("etc/"), file("etc/a", "old"), file("etc/b"), folder("opt"), file("opt/x"), file("opt/y")],
            [file("./etc/a", "new"), file("etc/.wh.b", ""), file("opt/z"), file("opt/.wh..wh..opq", "")]
        )
        #expect(try paths(files) == ["/", "/etc", "/etc/a", "/opt", "/opt/z"])
        #expect(try await text("/etc/a", in: files) == "new")
        #expect(throws: FilePathError.self) { try files.entries(at: "/etc/b") }
    }

    @Test("What a layer removes and has again is there")
    func again() async throws {
        let files = try await files(
            [folder("a"), file("a/old"), file("b", "old")],
            [file("a/new"), file(".wh.a", ""), file("b", "new"), file(".wh.b", ""), file(".wh..wh.plnk", "")]
        )
        #expect(try paths(files) == ["/", "/a", "/a/new", "/b"])
    }

    @Test("Links lead within the image")
    func links() async throws {
        let files = try await files(
            [
                folder("usr/bin"), link("bin", "usr/bin"), file("usr/bin/sh", "shell", mode: 0o755),
                link("etc", "/../../usr"), link("up", "../../../../usr/bin/sh"), link("loop", "loop"),
                hardLink("sh", "usr/bin/sh"), hardLink("none", "nothing"),
            ],
            [file("bin/ls", "list")]
        )
        for path in ["/bin/sh", "/etc/bin/sh", "/up", "/sh", "bin/../sh", "/../../sh"] {
            #expect(try await text(path, in: files) == "shell")
        }
        #expect(try await text("/usr/bin/ls", in: files) == "list")
        for path in ["/loop", "/none", "/bin", "/bin/sh/x"] {
            await #expect(throws: FilePathError.self) { try await text(path, in: files) }
        }
        #expect(try paths(files, at: "/bin") == ["/bin", "/bin/ls", "/bin/sh"])
        let entries = try files.entries(at: "/")
        #expect(entries.first { $0.path == "/etc" }?.kind == .link(to: "/../../usr"))
        #expect(entries.first { $0.path == "/sh" }?.isExecutable == true)
    }

    @Test("Names that lead out lead to the root")
    func names() async throws {
        let files = try await files([file("../../../etc/passwd"), file("/abs/./x//y")])
        #expect(try paths(files) == ["/", "/abs", "/abs/x", "/abs/x/y", "/etc", "/etc/passwd"])
    }

    @Test("Compression is told by the bytes; there may be several members")
    func compressed() async throws {
        let files = try await files([Array(try #require(Data(base64Encoded: Self.gzip)))])
        #expect(try await text("/etc/hosts", in: files) == String(repeating: "one ", count: 300))
        #expect(try await text("/b", in: files) == "two")
    }

    @Test("zstd is decompressed, too")
    func zstd() async throws {
        var compressor = try Compressor(try #require(CompressionSetting("zstd")))
        let parts = try compressor.add(ByteBuffer(bytes: file("a", "one") + Self.end)) + compressor.finish()
        let files = try await files([parts.flatMap { Array($0.readableBytesView) }])
        #expect(try await text("/a", in: files) == "one")
    }

    @Test("A damaged layer is named, and so is what is wrong with it")
    func damaged() async throws {
        let gzip = Array(try #require(Data(base64Encoded: Self.gzip)))
        var altered = gzip
        altered[40] ^= 0xFF
        let cases: [(layer: [UInt8], reason: String)] = [
            (Array(gzip.dropLast(20)), "its gzip data ends too early: it is truncated"),
            (altered, "its gzip data is damaged (incorrect data check)"),
            (Array("text".utf8), "its tarball ends too early"),
            ([UInt8](repeating: 1, count: 512), "it is not a tarball"),
            (Array(file("a", "long").prefix(513)), "its tarball ends too early"),
            (TarBlocks.entry("a", [], "S"), "entry 'a': it has a sparse file in GNU's old form"),
            (TarBlocks.entry("a", [], "L", size: 1 << 30), "entry 'a': an extended header claims 1073741824 bytes"),
        ]
        for (layer, reason) in cases {
            let error = await #expect(throws: ImageFilesError.self) { try await files([layer]) }
            #expect(error?.reason == reason)
            #expect(error?.layer == Digest(of: layer))
        }
    }

    @Test("A layer that breaks off is refused")
    func broken() async throws {
        let store = MemoryStore()
        let image = try SampleImage(layers: [file("a", "one") + Self.end])
        let repository = try store.repository("r.example/app")
        let reference = repository.put(image)
        store.faults.breakage = [image.parsed.layers[0].digest: 600]
        await #expect(throws: (any Error).self) {
            try await ImageFiles(of: image.node(in: reference.repository), in: repository)
        }
    }

    private static let gzip =
        "H4sIAAAAAAACA0stSdbPyC8uKWagHTAAAjMTEzANBOi0kZEZnA0VNzczMGZQMGCgAygtLkksAlrJMDJBfl6qwige/hgAgQUE"
        + "v+gDAAAfiwgAAAAAAAIDy89LVcgfxaN4iGOGUUBVkEQHOwyAwMzEBEwDAToNBMZIbJC4maGBEYOCAT0CoLS4JLEIaOUIjf+S"
        + "8vzRTDAKRsEoGAUjEAAA7madixgMAAA="
}
