import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Verifying that a repository holds images")
struct VerificationTests {
    private let store = MemoryStore()
    private let repository: MemoryRepository
    private let image: SampleImage
    private let tag: String

    init() throws {
        repository = try store.repository("registry.example/app")
        image = try SampleImage("one", "two")
        tag = Tag.kbldDigestTag(for: image.digest).name
        repository.put(image, tag: tag)
    }

    private func outcome(isDeep: Bool = false, names: [TaggedImage] = []) async throws -> RepositoryVerification.Outcome
    {
        try await RepositoryVerification(of: repository, atMost: 4, isDeep: isDeep)
            .outcome(for: [image.tree(in: repository.repository)], named: names)
    }

    private func fault(isDeep: Bool = false) async throws -> PackageIssue {
        let faults = try await outcome(isDeep: isDeep).errors
        #expect(faults.count == 1, "\(faults)")
        return try #require(faults.first)
    }

    private var layer: Descriptor { image.parsed.layers[0] }

    @Test("a whole image has no errors, whether its blobs are asked for or fetched", arguments: [false, true])
    func whole(isDeep: Bool) async throws {
        let outcome = try await outcome(isDeep: isDeep)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.imageCount == 1 && outcome.blobCount == 3)
        #expect(outcome.blobBytes == image.blobs.values.reduce(0) { $0 + Int64($1.count) })
        #expect(store.subjects(of: isDeep ? .readBlob : .askBlob).count == 3)
    }

    @Test("a blob that isn't there is missing", arguments: [false, true])
    func missingBlob(isDeep: Bool) async throws {
        repository.content.blobs[layer.digest] = nil
        let fault = try await fault(isDeep: isDeep)
        #expect(fault.kind == .missing && fault.subject == "registry.example/app@\(layer.digest)")
    }

    @Test("a manifest that isn't there is missing")
    func missingManifest() async throws {
        repository.content.manifests[image.digest] = nil
        let fault = try await fault()
        #expect(fault.kind == .missing && fault.subject == "registry.example/app@\(image.digest)")
    }

    @Test("a blob of another size is reported with both sizes")
    func size() async throws {
        repository.content.blobs[layer.digest] = Array("more than one".utf8)
        let fault = try await fault()
        #expect(fault.kind == .size)
        #expect("\(fault.message)" == "the blob has 13 bytes, but the manifest says 3")
    }

    @Test("that a registry doesn't report a blob's size is not an error")
    func unknownSize() async throws {
        store.faults.isSilent = true
        #expect(try await outcome().errors.isEmpty)
    }

    @Test("bytes of the right size that were altered are found when they are fetched, and then alone")
    func alteration() async throws {
        repository.content.blobs[layer.digest] = Array("eno".utf8)
        #expect(try await outcome().errors.isEmpty)
        #expect(try await fault(isDeep: true).kind == .altered)
    }

    @Test("a tag that is missing, or names another image, is an error", arguments: [true, false])
    func tags(isMissing: Bool) async throws {
        repository.content.tags[tag] = isMissing ? nil : layer.digest
        let fault = try await fault()
        #expect(fault.kind == .missing && fault.subject == "registry.example/app:\(tag)")
    }

    @Test("additional tags of images must be there, too")
    func furtherTags() async throws {
        let reference = DigestReference(repository: repository.repository, digest: image.digest)
        let name = TaggedImage(tag: try Tag("sha256-x.sig"), image: reference)
        #expect(try await outcome(names: [name]).errors.map(\.subject) == ["registry.example/app:sha256-x.sig"])
        repository.content.tags["sha256-x.sig"] = image.digest
        #expect(try await outcome(names: [name]).errors.isEmpty)
    }

    @Test("a registry that doesn't answer is an error, but not one of the image")
    func outage() async throws {
        store.faults.isDown = true
        await #expect(throws: MemoryStoreError.self) { try await outcome() }
    }
}
