import Compression
import ContainerImage
import FoundationEssentials
import ImageStore
import NIOCore
import Packages
import TestSupport
import Testing

@Suite("Packages that gzip or zstd compressed")
struct CompressedPackageTests {
    private static func compressed(_ bytes: [UInt8], _ format: String) throws -> [UInt8] {
        var compressor = try Compressor(try #require(CompressionSetting(format)), size: Int64(bytes.count))
        let parts = try compressor.add(ByteBuffer(bytes: bytes)) + compressor.finish()
        return parts.flatMap { Array($0.readableBytesView) }
    }

    /// A package whose file has other bytes.
    private func withFile(
        _ change: (Package) throws -> [UInt8],
        _ body: (_ path: String, _ whole: [UInt8]) async throws -> Void
    ) async throws {
        let package = try await Package()
        defer { package.remove() }
        try Data(try change(package)).write(to: URL(filePath: package.path))
        try await body(package.path, package.bytes)
    }

    @Test("are opened, verified and streamed like others", arguments: ["gzip", "zstd"])
    func reading(format: String) async throws {
        try await withFile({ try Self.compressed($0.bytes, format) }) { path, _ in
            let folder = try TemporaryFolder()
            #expect(AnyPackage.looksLikePackage(path))
            let package = try await AnyPackage(path: path, temporaryFolder: folder.path)
            let tree = try Package.tree()
            #expect(package.trees.map(\.manifest.digest) == [tree.manifest.digest])
            for layer in tree.images.flatMap(\.packagedLayers) { try await package.verify(layer) }
            let verification = try await PackageVerification(
                recognizing: path,
                atMost: 2,
                temporaryFolder: folder.path
            )
            #expect(verification.errors.isEmpty && verification.layerCount == 2)
            // Nothing is left of what they were decompressed into, not even a name meanwhile.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            let stream = try await ArchiveStream(path: path)
            var found: [Digest] = []
            while let (blob, body) = try await stream.next() {
                for try await _ in body {}
                found.append(blob.digest)
            }
            #expect(found == Package.layers.map { Digest(of: $0) }.sorted())
        }
    }

    @Test(
        "are written with the bytes of others in them, to a file as to a pipe's reader",
        arguments: ["gzip:9", "zstd"]
    )
    func writing(setting: String) async throws {
        let package = try await Package()
        defer { package.remove() }
        let folder = try TemporaryFolder()
        let path = folder.path(of: "images.tar")
        let plan = try ArchivePlan([try Package.tree()])
        let compression = try #require(CompressionSetting(setting))
        for _ in 0..<2 {
            try await ArchiveWriter(path: path, compression: compression)
                .write(plan, from: { _ in MemoryBlobs(Package.layers) }, atMost: 4)
            let bytes = Array(try Data(contentsOf: URL(filePath: path)))
            #expect(try bytes == Self.compressed(package.bytes, setting))
        }
    }

    @Test("are not left behind half-written")
    func interrupted() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "images.tar")
        let plan = try ArchivePlan([try Package.tree()])
        await #expect(throws: (any Error).self) {
            try await ArchiveWriter(path: path, compression: CompressionSetting("gzip"))
                .write(plan, from: { _ in MemoryBlobs([Package.layers[0]]) }, atMost: 4)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test(
        "are refused where they end too early, with their name, as files and as streams",
        arguments: ["gzip", "zstd"]
    )
    func truncated(format: String) async throws {
        try await withFile({ Array(try Self.compressed($0.bytes, format).dropLast(3)) }) { path, _ in
            let expected = "Reading package '\(path)': its \(format) data ends too early: it is truncated"
            let error = await #expect(throws: ArchiveError.self) { try await AnyPackage(path: path) }
            #expect(error?.message.description == expected)
            let other = await #expect(throws: ArchiveError.self) {
                let stream = try await ArchiveStream(path: path)
                while let (_, body) = try await stream.next() { for try await _ in body {} }
            }
            #expect(other?.message.description == expected)
        }
    }

    @Test("are refused where they come to far more than they should, before they fill the disk")
    func bombs() async throws {
        let zeros = [UInt8](repeating: 0, count: 64 << 20)
        for format in ["gzip", "zstd"] {
            try await withFile({ try Self.compressed($0.bytes.dropLast(1024) + zeros, format) }) { path, _ in
                for read in [
                    { _ = try await AnyPackage(path: path) },
                    { _ = try await PackageVerification(recognizing: path, atMost: 1) },
                    {
                        let stream = try await ArchiveStream(path: path)
                        while let (_, body) = try await stream.next() { for try await _ in body {} }
                    },
                ] as [() async throws -> Void] {
                    let error = await #expect(throws: ArchiveError.self) { try await read() }
                    #expect(error?.message.description.contains("over 200 times") == true)
                }
            }
        }
    }

    @Test("are decompressed once for all that reads them: it stays the same when the path is another file's")
    func handedOn() async throws {
        try await withFile({ try Self.compressed($0.bytes, "zstd") }) { path, whole in
            let folder = try TemporaryFolder()
            let opened = try await PackageFile(path: path, temporaryFolder: folder.path)
            try Data("another".utf8).write(to: URL(filePath: path))
            let verification = try await PackageVerification(of: opened, atMost: 2)
            #expect(verification.errors.isEmpty && verification.layerCount == 2)
            let package = try await AnyPackage(opened)
            #expect(package.trees.map(\.reference) == verification.trees.map(\.reference))
            for layer in package.heldLayers { try await package.verify(layer) }
        }
    }

    @Test("what is signed are the bytes that were read, whatever the file has since")
    func sealed() async throws {
        try await withFile({ $0.bytes }) { path, whole in
            let package = try await AnyPackage(path: path)
            let seal = try package.seal()
            try Data(repeating: 0, count: whole.count).write(to: URL(filePath: path))
            #expect(try package.seal() == seal)
            #expect(seal?.manifest != nil && seal?.manifest != Digest(of: []))
        }
    }

    @Test("get no signature in them: they are refused by how they begin", arguments: ["gzip", "zstd"])
    func signing(format: String) async throws {
        // Only the beginning is there: whoever decompresses it tells that it is truncated.
        try await withFile({ try Array(Self.compressed($0.bytes, format).prefix(100)) }) { path, _ in
            let error = #expect(throws: ArchiveError.self) { try SignedPackage.check(path) }
            #expect(error?.message.description.contains("it is compressed; sign a package before") == true)
        }
        try await withFile({ $0.bytes }) { path, _ in
            #expect(throws: Never.self) { try SignedPackage.check(path) }
        }
    }

    @Test("need a folder to be decompressed in; the error says how another one is named")
    func folder() async throws {
        try await withFile({ try Self.compressed($0.bytes, "gzip") }) { path, _ in
            let error = await #expect(throws: ArchiveError.self) {
                try await AnyPackage(path: path, temporaryFolder: "/nowhere")
            }
            #expect(error?.message.hints == [.nameTemporaryFolder])
            #expect(error?.message.description.contains("decompressing it in '/nowhere'") == true)
        }
    }

    @Test("of other programs are refused, with the command that decompresses them")
    func others() async throws {
        try await withFile({ _ in [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] }) { path, _ in
            let error = await #expect(throws: UnknownPackageError.self) { try await AnyPackage(path: path) }
            #expect(error?.reason == .compressed("xz"))
        }
    }

    @Test("are signed before they are compressed")
    func signing() async throws {
        try await withFile({ try Self.compressed($0.bytes, "zstd") }) { path, _ in
            let error = #expect(throws: ArchiveError.self) { try SignedPackage(path: path) }
            #expect(error?.message.description.contains("sign a package before it is compressed") == true)
        }
    }
}
