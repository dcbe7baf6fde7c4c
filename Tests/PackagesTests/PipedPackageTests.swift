import Compression
import ContainerImage
import FoundationEssentials
import ImageStore
import LibC
import NIOCore
import Packages
import TestSupport
import Testing

@Suite("Packages that come through a pipe")
struct PipedPackageTests {
    /// Runs `body` with the path of a pipe that bytes are in, as many as one holds, and nobody writes to any more.
    private static func withPipe<Value>(_ bytes: [UInt8], _ body: (String) async throws -> Value) async throws -> Value
    {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0 && bytes.count <= 64 << 10)
        defer { close(ends[0]) }
        try #require(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        return try await body("/dev/fd/\(ends[0])")
    }

    private static func compressed(_ bytes: [UInt8], _ format: String) throws -> [UInt8] {
        var compressor = try Compressor(try #require(CompressionSetting(format)), size: Int64(bytes.count))
        let parts = try compressor.add(ByteBuffer(bytes: bytes)) + compressor.finish()
        return parts.flatMap { Array($0.readableBytesView) }
    }

    /// The package with its first entry behind the others, as other programs write one.
    private static func reordered(_ package: Package) throws -> [UInt8] {
        let second = try #require(package.entries.dropFirst().first).header
        return Array(package.bytes[second..<(package.bytes.count - 1024)] + package.bytes[..<second])
            + [UInt8](repeating: 0, count: 1024)
    }

    @Test("are kept in a file without a name where bytes at any place are needed", arguments: [nil, "gzip", "zstd"])
    func kept(format: String?) async throws {
        let package = try await Package()
        defer { package.remove() }
        let bytes = try format.map { try Self.compressed(package.bytes, $0) } ?? package.bytes
        let folder = try TemporaryFolder()
        let file = try await Self.withPipe(bytes) { try await PackageFile(path: $0, temporaryFolder: folder.path) }
        #expect(file.looksLikePackage && file.size == Int64(bytes.count))
        let opened = try await AnyPackage(file)
        for layer in opened.heldLayers { try await opened.verify(layer) }
        #expect(opened.heldLayers.count == Package.layers.count)
        #expect(try await PackageVerification(of: file, atMost: 1).errors.isEmpty)
        #expect(try folder.files == [])
    }

    @Test("are there as soon as their first entries have come, however long the rest takes")
    func slow() async throws {
        let package = try await Package()
        defer { package.remove() }
        let first = try #require(package.entries.dropFirst().first)
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let count = first.header + 512
        try #require(write(ends[1], package.bytes, count) == count)
        // Nobody closes the other end.
        let stream = try await ArchiveStream(path: "/dev/fd/\(ends[0])")
        #expect(stream.trees.map(\.manifest.digest) == (try [Package.tree().manifest.digest]))
        #expect(try await stream.nextLayer() != nil)
    }

    @Test("a compressed file is told by its beginning, and not by the size that it comes to")
    func sameSize() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "in.yml.gz")
        var sizes: Set<Int> = []
        for count in 1...60 {
            let text = Array(String(repeating: "ab: c\n", count: 2).utf8) + [UInt8](repeating: 0x61, count: count)
            let bytes = try Self.compressed(text, "gzip")
            try Data(bytes).write(to: URL(filePath: path))
            let file = try await PackageFile(path: path, temporaryFolder: folder.path)
            #expect(file.looksLikePackage, "\(count)")
            sizes.insert(bytes.count - text.count)
        }
        #expect(sizes.contains(0))
    }

    @Test("are read in order if manifest.json comes first, else kept: nothing else is needed to read them")
    func order() async throws {
        let package = try await Package()
        defer { package.remove() }
        let input = try await Self.withPipe(package.bytes) {
            try await PackageInput(path: $0, temporaryFolder: "/nowhere")
        }
        guard case .stream(let stream) = input else { return #expect(Bool(false), "it was kept") }
        #expect(stream.trees.map(\.manifest.digest) == (try [Package.tree().manifest.digest]))
        for bytes in [try Self.reordered(package), try Self.compressed(Self.reordered(package), "gzip")] {
            let folder = try TemporaryFolder()
            let input = try await Self.withPipe(bytes) {
                try await PackageInput(path: $0, temporaryFolder: folder.path)
            }
            guard case .package(let kept) = input else { return #expect(Bool(false), "it was read in order") }
            for layer in kept.heldLayers { try await kept.verify(layer) }
            #expect(kept.heldLayers.count == Package.layers.count)
        }
    }

    @Test("are refused where they are cut off, as they would be as files", arguments: ["gzip", "zstd"])
    func truncated(format: String) async throws {
        let package = try await Package()
        defer { package.remove() }
        let cut = try Self.compressed(package.bytes, format).dropLast(3)
        let error = await #expect(throws: ArchiveError.self) {
            try await Self.withPipe(Array(cut)) { try await PackageFile(path: $0) }
        }
        #expect(error?.message.description.hasSuffix("its \(format) data ends too early: it is truncated") == true)
    }

    @Test("are refused where they come to far more than they should, before they fill the disk")
    func bombs() async throws {
        let package = try await Package()
        defer { package.remove() }
        let zeros = [UInt8](repeating: 0, count: 32 << 20)
        let bomb = try Self.compressed(package.bytes.dropLast(1024) + zeros, "zstd")
        let error = await #expect(throws: ArchiveError.self) {
            try await Self.withPipe(bomb) { try await PackageFile(path: $0) }
        }
        #expect(error?.message.description.contains("over 200 times") == true)
    }

    @Test("need a folder to be kept in; the error says how another one is named")
    func folder() async throws {
        let package = try await Package()
        defer { package.remove() }
        let error = await #expect(throws: ArchiveError.self) {
            try await Self.withPipe(package.bytes) { try await AnyPackage(path: $0, temporaryFolder: "/nowhere") }
        }
        #expect(error?.message.hints == [.nameTemporaryFolder])
        #expect(error?.message.description.contains("which is a stream: keeping it in '/nowhere'") == true)
    }

    @Test("may be something else: documents stay as they are, and others are named")
    func others() async throws {
        let text = Array("image: nginx\n".utf8)
        let file = try await Self.withPipe(text) { try await PackageFile(path: $0) }
        #expect(!file.looksLikePackage)
        #expect(try file.bytes() == text)
        let error = await #expect(throws: ArchiveError.self) {
            try await Self.withPipe([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) { try await PackageFile(path: $0) }
        }
        #expect(error?.message.description.contains("decompress it first, with xz -dc") == true)
        #expect(try await !Self.withPipe(text) { AnyPackage.looksLikePackage($0) })
    }
}
