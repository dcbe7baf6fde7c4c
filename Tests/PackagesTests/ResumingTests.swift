import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("Packages that aren't finished")
struct ResumingTests {
    private static let layers = [[UInt8](repeating: 1, count: 3 << 20), [UInt8](repeating: 2, count: 300_001)]

    private struct Outage: Error {}

    /// Gives the layers, of some only a beginning.
    private static func source(breaking breakage: MemoryBlobs.Breakage? = nil) -> MemoryBlobs {
        MemoryBlobs(layers, breaking: breakage)
    }

    private struct Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "resuming-\(UUID())").path

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path + "/" + name))) }
        func write(_ bytes: [UInt8], _ name: String) throws {
            try Data(bytes).write(to: URL(filePath: path + "/" + name))
        }
        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func plan() throws -> ArchivePlan {
        let image = try SampleImage(
            layers: layers,
            config: Array("{}".utf8),
            layerType: "application/vnd.oci.image.layer.v1.tar"
        )
        return try ArchivePlan([image.tree(in: Repository("r.io/app"))])
    }

    private func write(_ source: MemoryBlobs, to folder: Folder, resumes: Bool = true) async throws {
        try await ArchiveWriter(path: folder.path + "/p.tar", resumes: resumes)
            .write(try Self.plan(), from: { _ in source }, atMost: 1)
    }

    private var large: Digest { Digest(of: Self.layers[0]) }

    @Test("what has come is kept when the network fails or the work is cancelled, and fetched no second time")
    func keeping() async throws {
        let errors: [any Error & Sendable] = [Outage(), CancellationError()]
        for error in errors {
            let folder = try Folder()
            defer { folder.remove() }
            let failure = await #expect(throws: UnfinishedPackageError.self) {
                try await write(Self.source(breaking: .init(large, after: 2_200_000, error)), to: folder)
            }
            #expect(failure?.keptBytes == 2_200_000)
            #expect(failure?.advice.contains("/.p.tar.partial; run it again to continue") == true)
            #expect(folder.names == [".p.tar.partial"])
            let source = Self.source()
            try await write(source, to: folder)
            #expect(source.askedOffsets == [large: [2_200_000], Digest(of: Self.layers[1]): [0]])
            #expect(folder.names == ["p.tar"])
            let whole = try folder.read("p.tar")
            try await write(Self.source(), to: folder, resumes: false)
            #expect(try folder.read("p.tar") == whole)
        }
    }

    @Test("nothing is kept of what can't be right, of too little, or where that isn't wanted", arguments: 0..<3)
    func dropping(way: Int) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let wrong = BlobError.otherDigest(large, received: large)
        let breakage: MemoryBlobs.Breakage =
            way == 0 ? .init(large, after: 2 << 20, wrong) : .init(large, after: way == 1 ? 1000 : 2 << 20, Outage())
        await #expect(throws: LayerError.self) {
            try await write(Self.source(breaking: breakage), to: folder, resumes: way != 2)
        }
        #expect(folder.names == [])
    }

    @Test("what was signed is taken up under another signature, where that takes as much room")
    func signed() async throws {
        let signatures: [[UInt8]] = [[1, 2], [3], [UInt8](repeating: 4, count: 600)]
        for (signature, kept) in zip(signatures.dropFirst(), [true, false]) {
            let folder = try Folder()
            defer { folder.remove() }
            func write(_ signature: [UInt8], _ source: MemoryBlobs) async throws {
                try await ArchiveWriter(path: folder.path + "/p.tar")
                    .write(try Self.plan().signed(with: signature), from: { _ in source }, atMost: 1)
            }
            await #expect(throws: UnfinishedPackageError.self) {
                try await write(signatures[0], Self.source(breaking: .init(large, after: 2 << 20, Outage())))
            }
            let source = Self.source()
            try await write(signature, source)
            #expect(source.askedOffsets[large] == [kept ? 2 << 20 : 0])
            let package = try ArchiveReader(path: folder.path + "/p.tar")
            #expect(try package.seal().signature == signature)
            #expect(try await PackageVerification(path: folder.path + "/p.tar", atMost: 1).findings == [])
        }
    }

    @Test("a kept beginning that was altered is fetched anew")
    func altered() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        await #expect(throws: UnfinishedPackageError.self) {
            try await write(Self.source(breaking: .init(large, after: 2 << 20, Outage())), to: folder)
        }
        var kept = try folder.read(".p.tar.partial")
        let place = try #require(kept.firstIndex(of: 1).map { $0 + 1_000_000 })
        kept[place] ^= 1
        try folder.write(kept, ".p.tar.partial")
        let source = Self.source()
        try await write(source, to: folder)
        #expect(source.askedOffsets[large] == [2 << 20, 0])
        #expect(try await PackageVerification(path: folder.path + "/p.tar", atMost: 1).findings == [])
    }

    @Test("whatever stands between and behind the entries of what was left, the package is the same")
    func gaps() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try await write(Self.source(), to: folder)
        let whole = try folder.read("p.tar")
        // The padding of the small layer, which isn't a whole number of blocks, and the end.
        let zeros = whole.indices.filter { whole[$0] == 0 && $0 > 3 << 20 && whole[$0 - 1] != 1 }
        for place in [zeros.first, zeros.last, whole.count - 1024].compactMap(\.self) {
            var left = whole
            left[place] = 0x5A
            try folder.write(left, ".p.tar.partial")
            try await write(Self.source(), to: folder)
            #expect(try folder.read("p.tar") == whole, "byte \(place)")
        }
        var left = whole
        for position in left.indices where left[position] == 0 { left[position] = 0x5A }
        try folder.write(left, ".p.tar.partial")
        try await write(Self.source(), to: folder)
        #expect(try folder.read("p.tar") == whole)
    }
}
