import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages
import ReferenceChecks
import TestSupport
import Testing

@Suite("Taking a part of a package")
struct PackagePartTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let images: [SampleImage]
    private let index: SampleIndex
    private let references: [DigestReference]
    private let lines: Lines

    /// An index for three platforms and two images that share a layer, with signatures and a bill of materials.
    init() throws {
        lines = try Lines()
        folder = try Folder()
        images = try ["linux/amd64", "linux/arm64", "linux/arm/v7"].map { try SampleImage("base", $0, platform: $0) }
        index = SampleIndex(images)
        let one = try SampleImage("base", "one")
        let two = try SampleImage("two")
        let team = try store.repository("a.example/team/app")
        references = [
            try store.repository("a.example/app").put(index), team.put(one),
            try store.repository("docker.io/library/nginx").put(two),
        ]
        try store.repository("a.example/app").put(
            SampleImage("signature of all", platform: nil),
            tag: "\(index.digest.dashed).sig"
        )
        try store.repository("a.example/app").put(
            SampleImage("bill", platform: nil, subject: images[1].manifest, artifactType: "application/x.bill")
        )
        team.put(try SampleImage("signature", platform: nil, subject: one.manifest, artifactType: "application/x.sig"))
    }

    private func documents(_ references: [DigestReference], _ name: String) throws -> String {
        try folder.write(resources(naming: references), to: name)
    }

    private func package(
        _ references: [DigestReference],
        to name: String,
        _ change: (inout PackageWorkflow.Options) -> Void = { _ in }
    ) async throws -> String {
        let file = try documents(references, name + ".yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: name))
        options.artifacts.takesReferrers = true
        options.artifacts.takesCosign = true
        change(&options)
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        return folder.path(of: name)
    }

    private func extract(_ input: String, to name: String, _ change: (inout PartialPackageWorkflow.Options) -> Void)
        async throws -> String
    {
        var options = PartialPackageWorkflow.Options(input: input, output: folder.path(of: name))
        change(&options)
        try await PartialPackageWorkflow(options, in: lines.context).run(progress: nil)
        return folder.path(of: name)
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    private func unpackage(_ path: String, documents files: [String] = [], _ change: (inout PackagePart) -> Void)
        async throws -> UnpackageWorkflow
    {
        var options = UnpackageWorkflow.Options(
            files: files,
            input: path,
            destination: DestinationPlan(in: try Repository("to.example/app"))
        )
        change(&options.part)
        let work = try await UnpackageWorkflow(options, in: lines.context)
        try await work.run(to: store, progress: nil)
        return work
    }

    @Test("What documents name becomes what packing it would have made, whatever that is", arguments: 0..<8)
    func sameBytes(subset: Int) async throws {
        let part = (0..<3).filter { subset & 1 << $0 != 0 }.map { references[$0] }
        guard !part.isEmpty else { return }
        let whole = try await package(references, to: "whole.tar")
        let fresh = try await package(part, to: "fresh.tar")
        let file = folder.path(of: "fresh.tar.yml")
        let taken = try await extract(whole, to: "taken.tar") { $0.files = [file] }
        #expect(try bytes(taken) == bytes(fresh))
    }

    @Test("Names choose images by their ends, hosts, tags and digests, and what is attached follows")
    func names() async throws {
        let whole = try await package(references, to: "whole.tar")
        let digest = references[0].digest
        let chosen: [(pattern: String, part: [Int])] = [
            ("nginx", [2]), ("docker.io/**", [2]), ("library/*", [2]), ("app", [0, 1]), ("a.example/*", [0]),
            ("**/team/*", [1]), ("app@\(digest)", [0]),
        ]
        for (pattern, part) in chosen {
            let fresh = try await package(part.map { references[$0] }, to: "fresh.tar")
            let taken = try await extract(whole, to: "taken.tar") { $0.part.names = [NamePattern(pattern)] }
            #expect(try bytes(taken) == bytes(fresh), "\(pattern)")
        }
        await #expect(throws: (any Error).self) {
            try await extract(whole, to: "none.tar") { $0.part.names = [NamePattern("nginx"), NamePattern("apache")] }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path(of: "none.tar")))
    }

    @Test("Of a delta it makes a delta, of a sparse package a sparse one, and filtered indexes stay proven")
    func kinds() async throws {
        let base = try await package([references[1]], to: "base.tar")
        let changes: [(inout PackageWorkflow.Options) -> Void] = [
            { $0.bases = [base] },
            { options in
                options.artifacts.platforms = [Platform(os: "linux", architecture: "amd64")]
                options.artifacts.isSparse = true
            },
            { $0.artifacts.platforms = [Platform(os: "linux", architecture: "arm64")] },
        ]
        for (position, change) in changes.enumerated() {
            let whole = try await package(references, to: "whole.tar", change)
            let fresh = try await package([references[0]], to: "fresh.tar", change)
            let file = folder.path(of: "fresh.tar.yml")
            let taken = try await extract(whole, to: "taken.tar") { $0.files = [file] }
            #expect(try bytes(taken) == bytes(fresh), "\(position)")
        }
    }

    @Test("References that the package lacks are listed, and nothing is written")
    func missing() async throws {
        let part = try await package([references[0]], to: "part.tar")
        let file = try documents(references, "all.yml")
        let error = await #expect(throws: MissingImagesError.self) {
            try await extract(part, to: "none.tar") { $0.files = [file] }
        }
        #expect(error?.references == references.dropFirst().map(\.description).sorted())
        #expect(!FileManager.default.fileExists(atPath: folder.path(of: "none.tar")))
    }

    @Test("Only what documents name is installed, with what is attached to it")
    func onlyDocuments() async throws {
        let whole = try await package(references, to: "whole.tar")
        let file = try documents([references[1]], "one.yml")
        _ = try await unpackage(whole, documents: [file]) { $0.isOfDocuments = true }
        let there = try store.repository("to.example/app").content
        #expect(there.manifests.count == 2 && there.manifests[references[1].digest] != nil)
    }

    @Test("Less is installed than was packed: under a new digest that documents get, or under the index's own")
    func platforms() async throws {
        store.faults.takesSparseIndexes = true
        let whole = try await package([references[0]], to: "whole.tar")
        let slim = try await package([references[0]], to: "slim.tar") {
            $0.artifacts.platforms = [Platform(os: "linux", architecture: "arm64")]
        }
        let file = folder.path(of: "whole.tar.yml")
        let filtered = try #require(try await AnyPackage(path: slim).metadata.platformFilters?.first?.filtered.digest)
        for path in [whole, slim] {
            let work = try await unpackage(path, documents: [file]) {
                $0.platforms = [Platform(os: "linux", architecture: "arm64")]
            }
            #expect(try work.documents().joined().contains("image: to.example/app@\(filtered)\n"))
            // The bill of materials of the image that is kept comes along; the signature of the whole index can't.
            let there = try store.repository("to.example/app").content
            #expect(there.manifests.count == 3 && there.manifests[index.digest] == nil)
        }
        let work = try await unpackage(whole, documents: [file]) {
            $0.platforms = [Platform(os: "linux", architecture: "arm64")]
            $0.isSparse = true
        }
        #expect(try work.documents().joined().contains("image: to.example/app@\(index.digest)\n"))
        let there = try store.repository("to.example/app").content
        #expect(there.manifests[index.digest] != nil && there.manifests[images[0].digest] == nil)
        #expect(there.tags["\(index.digest.dashed).sig"] != nil)
    }

    @Test("An index without the platform is refused with what it has, or stays whole where that is allowed")
    func missingPlatform() async throws {
        let whole = try await package([references[0]], to: "whole.tar")
        let file = folder.path(of: "whole.tar.yml")
        let wanted = Platform(os: "linux", architecture: "s390x")
        let error = await #expect(throws: PlatformFilterError.self) {
            try await unpackage(whole, documents: [file]) { $0.platforms = [wanted] }
        }
        #expect(error?.available.count == 3)
        let work = try await unpackage(whole, documents: [file]) {
            $0.platforms = [wanted]
            $0.allowsMissingPlatform = true
        }
        #expect(try work.documents().joined().contains("image: to.example/app@\(index.digest)\n"))
        #expect(lines.all.contains("keeping all of \(references[0]), which has nothing for linux/s390x"))
    }
}
