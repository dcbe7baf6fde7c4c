import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Indexes that are filtered to platforms")
struct PlatformFilterTests {
    private let store = MemoryStore()
    private let repository: MemoryRepository
    private let images: [SampleImage]
    private let index: SampleIndex

    init() throws {
        repository = try store.repository("registry.example/app")
        images = try ["linux/amd64", "linux/arm64", "linux/arm/v7"].map { try SampleImage($0, platform: $0) }
        index = SampleIndex(images)
        repository.put(index)
    }

    private func read(
        _ digest: Digest,
        _ platforms: String...,
        sparsely isSparse: Bool = false
    ) async throws -> ImagesWithArtifacts {
        var selection = ArtifactSelection()
        selection.isSparse = isSparse
        selection.platforms = try platforms.map { text throws(PlatformError) in try Platform(text) }
        let reference = DigestReference(repository: repository.repository, digest: digest)
        return try await selection.read([reference], from: { store.repository($0) }, atMost: 4)
    }

    @Test("an index keeps the images of the platforms, and nothing is asked for of the others")
    func filtering() async throws {
        let found = try await read(index.digest, "linux/arm64")
        #expect(found.trees.flatMap(\.images).map(\.manifest.digest) == [images[1].digest])
        #expect(store.subjects(of: .readManifest) == [index.digest, images[1].digest].map(\.description))
    }

    @Test("what is left out may be missing")
    func missingImage() async throws {
        repository.content.manifests[images[0].digest] = nil
        let found = try await read(index.digest, "linux/arm64", "linux/arm/v7")
        #expect(found.trees.flatMap(\.images).map(\.manifest.digest) == images.dropFirst().map(\.digest))
    }

    @Test("what takes the index's place is noted with a proof")
    func proof() async throws {
        let found = try await read(index.digest, "linux/amd64")
        let filter = try #require(found.platformFilters.first)
        #expect(filter.index.digest == index.digest && filter.filtered == found.trees[0].reference)
        try filter.prove(found.trees[0].manifest)
        #expect(throws: PlatformFilterProofError.self) { try filter.prove(index.manifest) }
    }

    @Test("an index of which everything is wanted stays as it is")
    func everything() async throws {
        let found = try await read(index.digest, "linux/amd64", "linux/arm64", "linux/arm/v7")
        #expect(found.trees.map(\.manifest.digest) == [index.digest] && found.platformFilters.isEmpty)
    }

    @Test("a single image stays, whatever its platform is")
    func singleImage() async throws {
        let found = try await read(images[0].digest, "linux/s390x")
        #expect(found.trees.map(\.manifest.digest) == [images[0].digest] && found.platformFilters.isEmpty)
    }

    @Test("an index within the index is kept as a whole when it leads to a platform, and left out when it doesn't")
    func nestedIndexes() async throws {
        let windows = SampleIndex([try SampleImage("windows", platform: "windows/amd64")])
        let outer = SampleIndex([], indexes: [index, windows])
        repository.put(outer)
        let found = try await read(outer.digest, "linux/amd64")
        #expect(found.trees.flatMap(\.images).map(\.manifest.digest) == images.map(\.digest))
        try #require(found.platformFilters.first).prove(found.trees[0].manifest)
    }

    @Test("an index that stays as it is has what is left out as absent, and nothing is asked for of that")
    func sparse() async throws {
        let found = try await read(index.digest, "linux/arm64", sparsely: true)
        #expect(found.trees.map(\.manifest.digest) == [index.digest] && found.platformFilters.isEmpty)
        #expect(found.trees.flatMap(\.images).map(\.manifest.digest) == [images[1].digest])
        #expect(found.trees[0].absent.map(\.digest) == [images[0].digest, images[2].digest])
        #expect(store.subjects(of: .readManifest) == [index.digest, images[1].digest].map(\.description))
    }

    @Test("indexes within a sparse index are as sparse")
    func nestedSparse() async throws {
        let windows = SampleIndex([try SampleImage("windows", platform: "windows/amd64")])
        let outer = SampleIndex([], indexes: [index, windows])
        repository.put(outer)
        let found = try await read(outer.digest, "linux/amd64", sparsely: true)
        #expect(found.trees.map(\.manifest.digest) == [outer.digest])
        #expect(found.trees.flatMap(\.images).map(\.manifest.digest) == [images[0].digest])
        #expect(Set(found.trees[0].absent.map(\.digest)) == [windows.digest, images[1].digest, images[2].digest])
    }

    @Test("a platform that nothing is for is an error with what there is")
    func nothing() async throws {
        let error = await #expect(throws: PlatformFilterError.self) { try await read(index.digest, "linux/s390x") }
        #expect(error?.index.digest == index.digest)
        #expect(error?.description.hasSuffix("it has linux/amd64, linux/arm64, linux/arm/v7") == true)
    }
}
