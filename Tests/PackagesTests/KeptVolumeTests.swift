import ContainerImage
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("What is kept of packages that are cut into files, and what their index says")
struct KeptVolumeTests {
    @Test("what was signed is found again, and goes on from what has come", arguments: [2_000, 1_200_000])
    func signed(count: Int) async throws {
        let folder = try TemporaryFolder()
        let signature = [UInt8](repeating: 7, count: count)
        let writer = ArchiveWriter(path: folder.path(of: "p.tar"), volumes: VolumeOptions(size: VolumeTests.smallest))
        func write(_ signature: [UInt8], _ source: MemoryBlobs) async throws {
            try await writer.write(try VolumeTests.plan().signed(with: signature), from: { _ in source }, atMost: 2)
        }
        #expect(writer.earlierSignature() == nil)
        let large = Digest(of: VolumeTests.layers[1])
        await #expect(throws: UnfinishedPackageError.self) {
            try await write(
                signature,
                MemoryBlobs(VolumeTests.layers, breaking: .init(large, after: 3_000_000, VolumeTests.Outage()))
            )
        }
        let earlier = try #require(writer.earlierSignature())
        #expect(earlier == signature)
        let source = MemoryBlobs(VolumeTests.layers)
        try await write(earlier, source)
        #expect(source.askedOffsets[large]?.allSatisfy { $0 >= 3_000_000 } == true)
        // What is whole isn't what an interrupted run left.
        #expect(writer.earlierSignature() == nil)
        let package = try await AnyPackage(path: folder.path(of: "p.tar.volumes.json"))
        #expect(try package.seal()?.signature == signature)
    }

    @Test("what is kept after a failure is told by its files, and only as far as they are there")
    func keptFiles() async throws {
        for removes in [false, true] {
            let folder = try TemporaryFolder()
            let failure = await #expect(throws: (any Error).self) {
                try await VolumeTests().write(folder) { options in
                    options.handOver = { number, path in
                        if number == 3 { throw VolumeTests.Outage() }
                        if removes { try folder.remove("p.tar.00\(number)") }
                    }
                }
            }
            let unfinished = failure as? UnfinishedPackageError
            #expect((unfinished == nil) == removes)
            if let unfinished {
                #expect(unfinished.place == "\(folder.path(of: "p.tar.001")) to \(folder.path(of: "p.tar.003"))")
                #expect(
                    unfinished.keptBytes > 2 * VolumeTests.smallest && unfinished.keptBytes <= 3 * VolumeTests.smallest
                )
            }
        }
    }

    @Test("an index that says what isn't so of its package is found out, by the sums beside it too")
    func alteredIndex() async throws {
        let folder = try TemporaryFolder()
        try await VolumeTests().write(folder)
        let name = "p.tar.volumes.json"
        let text = String(decoding: try folder.read(name), as: UTF8.self)
        let index = try VolumeIndex(path: folder.path(of: name))
        for (sum, count) in [(index.manifest, 2), (index.sha256, 1)] {
            try folder.write(Array(text.replacing(sum, with: String(repeating: "0", count: 64)).utf8), name)
            let found = try await PackageVerification(recognizing: folder.path(of: name), atMost: 1)
            #expect(found.findings.map(\.subject) == [String](repeating: name, count: count), "\(found.findings)")
            #expect(found.findings.allSatisfy { $0.kind == .altered })
        }
        try folder.write(Array(text.utf8), name)
        #expect(try await PackageVerification(recognizing: folder.path(of: name), atMost: 1).findings == [])
        // What would be signed is the package, and not this file.
        #expect(throws: ArchiveError.self) { try SignedPackage(path: folder.path(of: name)) }
        #expect(try folder.read(name) == Array(text.utf8))
        await #expect(throws: UnknownPackageError.self) {
            _ = try await PackageVerification(recognizing: folder.path(of: "p.tar.001"), atMost: 1)
        }
    }
}
