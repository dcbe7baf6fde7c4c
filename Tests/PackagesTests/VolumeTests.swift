import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import Synchronization
import TestSupport
import Testing

extension TemporaryFolder {
    var names: [String] { (try? files) ?? [] }
    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(of: name))))
    }
    func write(_ bytes: some Collection<UInt8>, _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: path(of: name)))
    }
    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(of: name)) }
}

@Suite("Packages that are cut into files")
struct VolumeTests {
    static let layers = [
        [UInt8](repeating: 1, count: 300_001), Array((0..<5_500_000).map { UInt8(truncatingIfNeeded: $0 / 7) }), [3],
    ]
    static let smallest = Int64(1 << 20)

    struct Outage: Error {}

    static func plan() throws -> ArchivePlan {
        let type = "application/vnd.oci.image.layer.v1.tar"
        let image = try SampleImage(layers: layers, config: Array("{}".utf8), layerType: type)
        return try ArchivePlan([image.tree(in: Repository("r.io/app"))])
    }

    private static func whole() async throws -> [UInt8] {
        let folder = try TemporaryFolder()
        try await ArchiveWriter(path: folder.path(of: "p.tar")).write(
            try plan(),
            from: { _ in MemoryBlobs(layers) },
            atMost: 1
        )
        return try folder.read("p.tar")
    }

    func write(
        _ folder: TemporaryFolder,
        size: Int64 = smallest,
        _ source: MemoryBlobs = MemoryBlobs(layers),
        resumes: Bool = true,
        change: (inout VolumeOptions) -> Void = { _ in }
    ) async throws {
        var options = VolumeOptions(size: size)
        change(&options)
        try await ArchiveWriter(path: folder.path(of: "p.tar"), resumes: resumes, volumes: options)
            .write(try Self.plan(), from: { _ in source }, atMost: 2)
    }

    private func parts(_ folder: TemporaryFolder) -> [String] {
        folder.names.filter { $0.hasPrefix("p.tar.0") }
    }

    @Test(
        "the files together are the package, whatever their size; each has its sum",
        arguments: [0, 1, 511, 512, 700_000]
    )
    func cutting(more: Int64) async throws {
        let folder = try TemporaryFolder()
        try await write(folder, size: Self.smallest + more)
        let whole = try await Self.whole()
        #expect(try parts(folder).flatMap { try folder.read($0) } == whole)
        let index = try VolumeIndex(path: folder.path(of: "p.tar.volumes.json"))
        #expect(index.size == Int64(whole.count) && index.sha256 == Digest(of: whole).hex)
        #expect(index.parts.map(\.name) == parts(folder))
        #expect(index.parts.dropLast().allSatisfy { $0.size == Self.smallest + more })
        for part in index.parts { #expect(try part.sha256 == Digest(of: folder.read(part.name)).hex) }
        let sums = String(decoding: try folder.read("p.tar.SHA256SUMS"), as: UTF8.self)
        let index256 = try Digest(of: folder.read("p.tar.volumes.json")).hex
        let listed = index.parts.map { "\($0.sha256)  \($0.name)\n" } + ["\(index256)  p.tar.volumes.json\n"]
        #expect(sums == listed.joined())
    }

    @Test("a cut package is read, verified and joined as a whole one")
    func reading() async throws {
        let folder = try TemporaryFolder()
        try await write(folder)
        let path = folder.path(of: "p.tar.volumes.json")
        let package = try await AnyPackage(path: path)
        let source = MemoryBlobs(Self.layers)
        for layer in package.heldLayers {
            let bytes = try await package.bytes(of: layer, limit: 1 << 23)
            #expect(try await source.bytes(of: layer, limit: 1 << 23) == bytes)
        }
        let verification = try await PackageVerification(recognizing: path, atMost: 2)
        #expect(verification.findings == [] && verification.layerCount == 3)
        try await VolumeJoin(path: path).write(to: folder.path(of: "joined.tar"))
        #expect(try await folder.read("joined.tar") == Self.whole())
        await #expect {
            _ = try await AnyPackage(path: folder.path(of: "p.tar.002"))
        } throws: {
            "\($0)".contains("one part of a package") && "\($0)".contains("p.tar.volumes.json")
        }
    }

    @Test(
        "parts that have each other's names are told as what they are, wherever that shows",
        arguments: [(1, 2), (3, 4), (2, 6)]
    )
    func exchanged(one: Int, other: Int) async throws {
        let folder = try TemporaryFolder()
        try await write(folder)
        let path = folder.path(of: "p.tar.volumes.json")
        let names = ["p.tar.00\(one)", "p.tar.00\(other)"]
        let bytes = try names.map { try folder.read($0) }
        for (name, bytes) in zip(names, bytes.reversed()) { try folder.write(bytes, name) }
        let lines = [
            "- \(names[0]) has the bytes of part \(other), \(names[1])",
            "- \(names[1]) has the bytes of part \(one), \(names[0])",
        ]
        await #expect {
            let package = try await AnyPackage(path: path)
            for layer in package.heldLayers { try await package.verify(layer) }
        } throws: {
            let text = "\($0)"
            return text.contains("2 of its 6 parts are not there as needed; rename them:")
                && lines.allSatisfy(text.contains)
        }
        let verified = try await PackageVerification(recognizing: path, atMost: 2)
        #expect(verified.errors.prefix(2).map(\.subject) == names && verified.badParts == [])
        #expect("\(verified.errors[0].message)".contains("has the bytes of part \(other), \(names[1])"))
        await #expect {
            try await VolumeJoin(path: path).write(to: folder.path(of: "joined.tar"))
        } throws: {
            "\($0)".contains(lines[0])
        }
    }

    @Test("missing, short, long and altered files are named, each with its bytes; nothing is read or joined of them")
    func faults() async throws {
        let folder = try TemporaryFolder()
        try await write(folder)
        let path = folder.path(of: "p.tar.volumes.json")
        var altered = try folder.read("p.tar.003")
        altered[17] ^= 1
        try folder.write(altered, "p.tar.003")
        let one = try await PackageVerification(recognizing: path, atMost: 2)
        #expect(one.errors.first?.kind == .altered && one.errors.first?.subject == "p.tar.003")
        await #expect {
            try await VolumeJoin(path: path).write(to: folder.path(of: "joined.tar"))
        } throws: {
            "\($0)".contains("p.tar.003")
        }
        #expect(!folder.names.contains { $0.contains("joined") })
        try folder.write(folder.read("p.tar.002").dropLast(), "p.tar.002")
        try folder.write(folder.read("p.tar.004") + [0], "p.tar.004")
        try folder.remove("p.tar.001")
        let all = try await PackageVerification(recognizing: path, atMost: 2)
        #expect(all.errors.map(\.subject) == ["p.tar.001", "p.tar.002", "p.tar.003", "p.tar.004"])
        #expect(all.errors.map(\.kind) == [.missing, .size, .altered, .size])
        #expect(one.badParts == [3] && all.badParts == [1, 2, 3, 4])
        #expect("\(all.errors[1].message)".contains("bytes 1048576 to 2097151 of the package"))
        await #expect {
            _ = try await AnyPackage(path: path)
        } throws: {
            "\($0)".contains("3 of its 6 parts") && "\($0)".contains("- p.tar.001 is missing")
        }
    }

    @Test("what has come of files is kept when the network fails, and fetched no second time")
    func resuming() async throws {
        let whole = try await Self.whole()
        let large = Digest(of: Self.layers[1])
        for breakage in [1, 900_000, 3_000_000, 5_400_000] {
            let folder = try TemporaryFolder()
            let failure = await #expect(throws: UnfinishedPackageError.self) {
                try await write(folder, MemoryBlobs(Self.layers, breaking: .init(large, after: breakage, Outage())))
            }
            #expect(failure?.keptBytes ?? 0 > 0)
            #expect(parts(folder) == [] && !folder.names.contains("p.tar.volumes.json"))
            let source = MemoryBlobs(Self.layers)
            try await write(folder, source)
            #expect(source.askedOffsets[large]?.allSatisfy { $0 >= Int64(breakage) } == true)
            #expect(try parts(folder).flatMap { try folder.read($0) } == whole)
            #expect(!folder.names.contains { $0.hasSuffix(".partial") })
            #expect(
                try await PackageVerification(recognizing: folder.path(of: "p.tar.volumes.json"), atMost: 1).findings
                    == []
            )
        }
    }

    @Test("whatever was altered of what is kept, the package that comes in the end is whole")
    func alteredRemains() async throws {
        let whole = try await Self.whole()
        let large = Digest(of: Self.layers[1])
        for place in [0, 600, 2_000_000] {
            let folder = try TemporaryFolder()
            await #expect(throws: UnfinishedPackageError.self) {
                try await write(folder, MemoryBlobs(Self.layers, breaking: .init(large, after: 5_000_000, Outage())))
            }
            let name = ".p.tar.00\(place / (1 << 20) + 1).partial"
            var bytes = try folder.read(name)
            bytes[place % (1 << 20)] ^= 1
            try folder.write(bytes, name)
            // A beginning of a layer shows only in the end that it isn't the layer's; then nothing is kept.
            do { try await write(folder) } catch { #expect(folder.names == [], "\(error)") }
            try await write(folder)
            #expect(try parts(folder).flatMap { try folder.read($0) } == whole)
        }
    }

    @Test("nothing stays of what failed for good; an older package stays until the new one is whole")
    func failing() async throws {
        let folder = try TemporaryFolder()
        try await write(folder)
        let before = try folder.names.map { try folder.read($0) }
        let wrong = BlobError.otherDigest(Digest(of: Self.layers[1]), received: Digest(of: []))
        await #expect(throws: LayerError.self) {
            let source = MemoryBlobs(Self.layers, breaking: .init(Digest(of: Self.layers[1]), after: 2_000_000, wrong))
            try await write(folder, size: 2 << 20, source)
        }
        #expect(try folder.names.map { try folder.read($0) } == before)
        try await write(folder, size: 4 << 20)
        #expect(parts(folder) == ["p.tar.001", "p.tar.002"])
    }

    @Test("a file that would be taken for a part and is none stops the run; none is removed")
    func strangers() async throws {
        let folder = try TemporaryFolder()
        try folder.write([1], "p.tar.099")
        try folder.write([1], "p.tar.99")
        await #expect { try await write(folder) } throws: {
            "\($0)".contains("p.tar.099") && "\($0)".contains("move it away")
        }
        #expect(folder.names == ["p.tar.099", "p.tar.99"])
    }

    @Test("each file is handed over when it is whole, and may be gone then; without renames nothing has another name")
    func handingOver() async throws {
        let whole = try await Self.whole()
        for renames in [true, false] {
            let folder = try TemporaryFolder()
            let got = Mutex<[[UInt8]]>([])
            try await write(folder) { options in
                options.renames = renames
                options.handOver = { number, path in
                    #expect(path.hasSuffix("p.tar.00\(number)"))
                    #expect(folder.names.filter { $0.hasPrefix("p.tar.0") } == ["p.tar.00\(number)"])
                    #expect(!folder.names.contains("p.tar.volumes.json"))
                    let bytes = try folder.read("p.tar.00\(number)")
                    got.withLock { $0.append(bytes) }
                    try folder.remove("p.tar.00\(number)")
                }
            }
            #expect(got.withLock { $0.flatMap(\.self) } == whole)
            #expect(folder.names == ["p.tar.SHA256SUMS", "p.tar.volumes.json"])
        }
        let folder = try TemporaryFolder()
        try await write(folder) { $0.renames = false }
        #expect(try parts(folder).flatMap { try folder.read($0) } == whole)
    }

    @Test(
        "an index that contradicts itself is refused",
        arguments: [
            #"{"format":2,"size":1,"sha256":"A","manifest":"A","parts":[{"name":"a","offset":0,"size":1,"sha256":"A"}]}"#,
            #"{"format":1,"size":2,"sha256":"A","manifest":"A","parts":[{"name":"a","offset":0,"size":1,"sha256":"A"}]}"#,
            #"{"format":1,"size":1,"sha256":"A","manifest":"A","parts":[]}"#,
            #"{"format":1,"size":1,"sha256":"A","manifest":"A","parts":[{"name":"../a","offset":0,"size":1,"sha256":"A"}]}"#,
            #"{"format":1,"size":1,"sha256":"A","manifest":"A","parts":[{"name":"a","offset":1,"size":1,"sha256":"A"}]}"#,
            #"{"format":1,"size":0,"sha256":"A","manifest":"A","parts":[{"name":"a","offset":0,"size":0,"sha256":"A"}]}"#,
            #"{"format":1,"size":1,"sha256":"A","manifest":"b","parts":[{"name":"a","offset":0,"size":1,"sha256":"A"}]}"#,
            #"{"format":1,"size":-1,"sha256":"A","manifest":"A","parts":[{"name":"a","offset":0,"size":-1,"sha256":"A"}]}"#,
            #"{"format":1,"size":9223372036854775807,"sha256":"A","manifest":"A","parts":"#
                + #"[{"name":"a","offset":0,"size":9223372036854775807,"sha256":"A"},"#
                + #"{"name":"b","offset":9223372036854775807,"size":1,"sha256":"A"}]}"#,
            "[]", "", "{",
        ]
    )
    func hostile(text: String) async throws {
        let folder = try TemporaryFolder()
        let sum = String(repeating: "a", count: 64)
        try folder.write(Array(text.replacing("A", with: sum).utf8), "p.tar.volumes.json")
        try folder.write([0], "a")
        await #expect(throws: ArchiveError.self) {
            _ = try await AnyPackage(path: folder.path(of: "p.tar.volumes.json"))
        }
    }
}
