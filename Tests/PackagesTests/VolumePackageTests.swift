import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("Packages in volumes of their own")
struct VolumePackageTests {
    private let folder: TemporaryFolder
    private let store = MemoryStore()
    private let trees: [ImageTree]
    private let sizes = [5_000_000, 1_200_000, 700_000, 300_000, 300_001, 60_000, 513, 512, 1]

    init() async throws {
        folder = try TemporaryFolder()
        var references: [DigestReference] = []
        for (number, size) in sizes.enumerated() {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ number) }
            let image = try SampleImage(layers: [bytes], config: Array("{\"number\":\(number)}".utf8))
            references.append(try store.repository("r.io/app\(number % 3)").put(image))
        }
        trees = try await ImageTree.read(references, from: { [store] in store.repository($0) }, atMost: 4)
    }

    private func plan(_ size: Int64) throws -> VolumePlan {
        try VolumePlan(trees, metadata: PackageMetadata(), omitting: nil, first: [], size: size, path: "images.tar")
    }

    private func write(_ plan: VolumePlan, resumes: Bool = false) async throws -> [String] {
        let writer = VolumeSetWriter(plan, to: folder.path(of: "images.tar"), resumes: resumes)
        try await writer.write(from: { [store] in store.repository($0) }, atMost: 4)
        return writer.paths
    }

    @Test(
        "Volumes are no larger than they may be, deterministic, and together they are the package",
        arguments: [100_000, 131_072, 399_999, 650_000, 1_000_000, 1_048_576, 3_000_000, 5_100_000, 20_000_000]
            as [Int64]
    )
    func sizes(_ size: Int64) async throws {
        let paths = try await write(try plan(size))
        #expect(paths.count > 1 || size > 7_000_000)
        #expect(
            try paths.map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int64 ?? .max }
                .allSatisfy { $0 <= size }
        )
        let before = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
        #expect(try await write(try plan(size)) == paths)
        #expect(try paths.map { try Data(contentsOf: URL(filePath: $0)) } == before)
        // Any order will do.
        let set = try await AnyPackage(paths: paths.reversed())
        #expect(set.metadata.omittedDigests.isEmpty)
        for layer in set.trees.flatMap(\.images).flatMap(\.packagedLayers) { try await set.verify(layer) }
        for path in paths {
            let found = try await PackageVerification(recognizing: path, atMost: 2, progress: nil)
            #expect(found.findings.allSatisfy { [.omitted, .unknown].contains($0.kind) }, "\(found.findings)")
        }
        // Merged, they are the same bytes as one package.
        let whole = folder.path(of: "whole.tar")
        try await ArchiveWriter(path: whole)
            .write(try ArchivePlan(trees), from: { [store] in store.repository($0) }, atMost: 4)
        let merged = try MergedArchives(try paths.map { try ArchiveReader(path: $0) }, keepingAll: false)
        let joined = folder.path(of: "merged.tar")
        try await ArchiveWriter(path: joined)
            .write(try ArchivePlan(merged.trees, metadata: merged.metadata), from: { _ in merged }, atMost: 2)
        #expect(try Data(contentsOf: URL(filePath: joined)) == Data(contentsOf: URL(filePath: whole)))
    }

    @Test("A size that is too small names the least possible one")
    func leastSize() throws {
        func least(_ size: Int64) throws -> Int64 {
            do {
                _ = try plan(size)
                return size
            } catch ArchiveError.smallVolumes(_, let given, let least) {
                #expect(given == size)
                return least
            }
        }
        let found = try least(1)
        #expect(found > 1)
        #expect(try least(found) == found)
        #expect(try least(found - 1) == found)
    }

    @Test("Some of the volumes have some of the layers, and tell which others have the rest")
    func subset() async throws {
        let paths = try await write(try plan(1_000_000))
        let all = Set(trees.flatMap(\.images).flatMap(\.packagedLayers).map(\.digest))
        for path in paths {
            let volume = try await AnyPackage(path: path)
            let lacking = volume.metadata.omittedDigests
            #expect(lacking.isSubset(of: all))
            let others = try #require(volume.metadata.unfinishedVolumes(lacking: lacking))
            #expect(others.isSubset(of: Set(1...paths.count)) && others.count >= paths.count - 1)
        }
        await #expect(throws: ArchiveError.self) {
            try await AnyPackage(paths: [paths[0], folder.path(of: "whole.tar")])
        }
        let archives = try paths.dropLast().map { try ArchiveReader(path: $0) }
        #expect {
            _ = try MergedArchives(archives, keepingAll: false)
        } throws: {
            "\($0)".contains("none of the packages has these layers; give volume \(paths.count) as well:\n- sha256:")
        }
    }

    @Test("A later run takes volumes that are whole as they are, and writes altered ones anew")
    func resumed() async throws {
        let paths = try await write(try plan(1_000_000))
        let before = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
        var altered = before[1]
        altered[altered.count / 2] ^= 1
        try altered.write(to: URL(filePath: paths[1]))
        try FileManager.default.removeItem(atPath: paths[3])
        store.forgetRequests()
        #expect(try await write(try plan(1_000_000), resumes: true) == paths)
        #expect(try paths.map { try Data(contentsOf: URL(filePath: $0)) } == before)
        // Only all parts of a layer together tell that one is altered: then nothing is kept.
        try FileManager.default.removeItem(atPath: paths[paths.count - 1])
        store.forgetRequests()
        #expect(try await write(try plan(1_000_000), resumes: true) == paths)
        #expect(try paths.map { try Data(contentsOf: URL(filePath: $0)) } == before)
        #expect(store.subjects(of: .readBlob).count < sizes.count)
    }

    @Test("Each volume has a signature of its own, and with it is no larger than it may be")
    func signed() async throws {
        let size: Int64 = 300_000
        let plan = try VolumePlan(
            trees,
            metadata: PackageMetadata(),
            omitting: nil,
            first: [],
            size: size,
            reserving: 4096,
            path: "images.tar"
        )
        let signatures = (1...plan.count).map { [UInt8](repeating: UInt8($0), count: 3500) }
        let path = folder.path(of: "images.tar")
        func write(_ signatures: [[UInt8]]) async throws -> [Data] {
            let writer = VolumeSetWriter(plan, signedWith: signatures, to: path, resumes: true)
            try await writer.write(from: { [store] in store.repository($0) }, atMost: 4)
            return try writer.paths.map { try Data(contentsOf: URL(filePath: $0)) }
        }
        #expect(plan.earlierSignature(of: 1, in: path) == nil)
        let before = try await write(signatures)
        #expect(before.allSatisfy { $0.count <= size } && before.contains { $0.count > size - 4096 })
        for (number, signature) in zip(1...plan.count, signatures) {
            #expect(plan.earlierSignature(of: number, in: path) == signature)
        }
        // Under other signatures they are the same volumes, and nothing is fetched.
        store.forgetRequests()
        let others = signatures.map { $0.map { $0 ^ 0xFF } }
        let after = try await write([signatures[0]] + others.dropFirst())
        #expect(store.subjects(of: .readBlob) == [])
        #expect(after[0] == before[0] && after[1] != before[1])
        for number in 2...plan.count { #expect(plan.earlierSignature(of: number, in: path) == others[number - 1]) }
        // Without signatures they are others.
        let plain = try await write([])
        #expect(plain.allSatisfy { $0.count <= size - 4096 })
        #expect(plan.earlierSignature(of: 1, in: path) == nil)
        #expect(!store.subjects(of: .readBlob).isEmpty)
    }

    @Test("Volumes of packages that say other things of the same images aren't put together")
    func foreign() async throws {
        let reference = try #require(trees.first?.reference)
        var paths: [String] = []
        for tag in ["v1", "v2"] {
            let metadata = PackageMetadata(tags: [TaggedImage(tag: try Tag(tag), image: reference)])
            let plan = try VolumePlan(trees, metadata: metadata, omitting: nil, first: [], size: 6_000_000, path: tag)
            let writer = VolumeSetWriter(plan, to: folder.path(of: tag + ".tar"), resumes: false)
            try await writer.write(from: { [store] in store.repository($0) }, atMost: 4)
            paths.append(writer.paths[paths.count])
        }
        let refusal = "it is not a volume of the same package as '\(paths[0])'"
        #expect {
            _ = try MergedArchives(try paths.map { try ArchiveReader(path: $0) }, keepingAll: false)
        } throws: {
            "\($0)".contains(refusal)
        }
        await #expect {
            _ = try await AnyPackage(paths: paths)
        } throws: {
            "\($0)".contains(refusal)
        }
    }

    @Test("What a volume says of volumes is no more than can be")
    func impossible() async throws {
        let layer = try #require(trees.flatMap(\.images).flatMap(\.packagedLayers).first)
        typealias Part = PackageMetadata.CutLayer.Part
        func problem(_ number: Int, of count: Int, cut parts: [Part]? = nil, omitted: Int? = nil) throws -> String? {
            var metadata = PackageMetadata()
            let cut = parts.map { [PackageMetadata.CutLayer(digest: layer.digest, parts: $0)] }
            metadata.volume = PackageMetadata.Volume(number: number, count: count, cut: cut)
            metadata.omitted = [.init(digest: layer.digest, size: layer.size, volume: omitted)]
            let read = try PackageMetadata(decoding: try metadata.encoded(), path: "v.tar")
            return read.problems(for: trees).first
        }
        for (number, count) in [(1, 0), (0, 3), (4, 3), (1, .min), (1, .max), (-1, -1), (1, 10_000)] {
            #expect(try problem(number, of: count) == "it says that the package is volume \(number) of \(count)")
        }
        let half = layer.size / 2
        let wrong: [[Part]] = [
            [], [Part(volume: 1, size: half)], [Part(volume: 1, size: .max), Part(volume: 2, size: .max)],
            [Part(volume: 4, size: half), Part(volume: 1, size: layer.size - half)],
            [Part(volume: 1, size: -1), Part(volume: 2, size: layer.size + 1)],
        ]
        for parts in wrong { #expect(try problem(1, of: 3, cut: parts)?.contains("\(layer.digest)") == true) }
        #expect(try problem(1, of: 3, omitted: 4)?.contains("\(layer.digest)") == true)
        let right = [Part(volume: 3, size: half), Part(volume: 1, size: layer.size - half)]
        #expect(try problem(1, of: 3, cut: right) == nil)
        #expect(try problem(1, of: 3, omitted: 3) == nil)
    }

    @Test("A layer that isn't what it must be is told with the files that it is in")
    func alteredPart() async throws {
        let paths = try await write(try plan(3_000_000))
        let layer = try #require(trees.flatMap(\.images).flatMap(\.packagedLayers).max { $0.size < $1.size })
        let volume = try await AnyPackage(path: paths[0])
        let cut = try #require(volume.metadata.volume?.cut?.first { $0.digest == layer.digest })
        let holders = cut.parts.map { paths[$0.volume - 1] }
        try #require(holders.count < paths.count)
        var bytes = try Data(contentsOf: URL(filePath: holders[0]))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: holders[0]))
        let set = try await AnyPackage(paths: paths)
        await #expect {
            try await set.verify(layer)
        } throws: {
            "\($0)".contains("Reading package '\(holders.joined(separator: ", "))', entry")
        }
    }

    @Test("A layer whose parts aren't what they must be is noticed")
    func alteredLayer() async throws {
        let layer = try #require(trees.flatMap(\.images).flatMap(\.packagedLayers).max { $0.size < $1.size })
        for number in 0..<3 {
            let repository = try store.repository("r.io/app\(number)")
            guard var bytes = repository.content.blobs[layer.digest] else { continue }
            bytes[4_999_999] ^= 1
            repository.content.blobs[layer.digest] = bytes
        }
        await #expect(throws: (any Error).self) { try await write(try plan(1_000_000)) }
    }
}
