import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Listing and naming artifacts where they arrived")
struct ArtifactPublisherTests {
    private let store = MemoryStore()
    private let repository: MemoryRepository
    private let image: SampleImage
    private let artifact: SampleImage

    init() throws {
        repository = try store.repository("registry.example/app")
        image = try SampleImage("one")
        artifact = try SampleImage("sbom", platform: nil, subject: image.manifest)
        for image in [image, artifact] { repository.put(image) }
        repository.content.referrers = [:]
    }

    private func publish(_ images: [SampleImage], names: [TaggedImage] = []) async throws -> [String] {
        try await ArtifactPublisher(in: repository, atMost: 4)
            .finish(images.map { $0.tree(in: repository.repository) }, names: names)
    }

    /// The tag of cosign's for the image, and an image under it.
    private func name(_ signature: SampleImage) -> TaggedImage {
        TaggedImage(
            tag: Tag.cosign(of: image.digest)[0],
            image: DigestReference(repository: repository.repository, digest: signature.digest)
        )
    }

    @Test("what refers to an image is listed with its type")
    func listing() async throws {
        #expect(try await publish([image, artifact]).isEmpty)
        let listed = try #require(repository.content.referrers[image.digest])
        #expect(listed.map(\.digest) == [artifact.digest])
        #expect(listed[0].artifactType == "application/vnd.oci.image.config.v1+json")
    }

    @Test("what refers to something that didn't arrive isn't listed")
    func foreignSubject() async throws {
        #expect(try await publish([artifact]).isEmpty)
        #expect(store.requests.isEmpty)
    }

    @Test("a list that can't be updated is reported, and isn't an error")
    func remark() async throws {
        store.faults.registrationRemark = "the tag names something else"
        let remarks = try await publish([image, artifact])
        #expect(
            remarks == [
                "the referrers of registry.example/app@\(image.digest) are pushed but not listed: "
                    + "the tag names something else"
            ]
        )
    }

    @Test("a signature gets its tag, once")
    func naming() async throws {
        let signature = try SampleImage("signature", platform: nil)
        repository.put(signature)
        for _ in 0..<2 { #expect(try await publish([image, signature], names: [name(signature)]).isEmpty) }
        #expect(repository.content.tags == [name(signature).tag.name: signature.digest])
        #expect(store.subjects(of: .push) == [signature.digest.description])
    }

    @Test("a tag stays if it names something else, which is reported")
    func keptTag() async throws {
        let (ours, theirs) = (try SampleImage("ours", platform: nil), try SampleImage("theirs", platform: nil))
        repository.put(ours)
        repository.put(theirs, tag: name(ours).tag.name)
        let remarks = try await publish([image, ours], names: [name(ours)])
        #expect(remarks.count == 1 && remarks[0].contains("stays at \(theirs.digest)"))
        #expect(repository.content.tags[name(ours).tag.name] == theirs.digest)
    }

    @Test("a tag moves on to what has all signatures of the one before, and more")
    func continuedTag() async throws {
        let before = try SampleImage("first", platform: nil)
        let after = try SampleImage("first", "second", platform: nil)
        repository.put(before, tag: name(after).tag.name)
        repository.put(after)
        #expect(try await publish([image, after], names: [name(after)]).isEmpty)
        #expect(repository.content.tags[name(after).tag.name] == after.digest)
    }

    @Test("a name of an image that didn't arrive is passed over")
    func foreignName() async throws {
        let signature = try SampleImage("signature", platform: nil)
        #expect(try await publish([image], names: [name(signature)]).isEmpty)
        #expect(repository.content.tags.isEmpty)
    }
}
