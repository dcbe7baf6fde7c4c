import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Artifacts that are taken along with images")
struct ArtifactTests {
    private let store = MemoryStore()
    private let repository: MemoryRepository
    private let image: SampleImage

    init() throws {
        repository = try store.repository("registry.example/app")
        image = try SampleImage("one")
        repository.put(image)
    }

    /// What refers to `subject`; the text tells them apart.
    private func artifact(_ text: String, of subject: RawManifest) throws -> SampleImage {
        try SampleImage(text, platform: nil, subject: subject, artifactType: "application/vnd.example.sbom")
    }

    private func select(referrers: Bool = true, cosign: Bool = true) async throws -> ImagesWithArtifacts {
        var selection = ArtifactSelection()
        selection.takesReferrers = referrers
        selection.takesCosign = cosign
        let reference = DigestReference(repository: repository.repository, digest: image.digest)
        let images = try await selection.read([reference], from: { store.repository($0) }, atMost: 4)
        return try await selection.apply(to: images, from: store, atMost: 4)
    }

    @Test("without a wish for them, nothing is asked for")
    func none() async throws {
        repository.put(try artifact("sbom", of: image.manifest))
        let found = try await select(referrers: false, cosign: false)
        #expect(found.trees.map(\.manifest.digest) == [image.digest] && found.artifacts.isEmpty)
        #expect(Set(store.requests.map(\.action)) == [.readManifest, .readBlob])
    }

    @Test("referrers of an image are included, and their referrers")
    func referrersOfReferrers() async throws {
        let sbom = try artifact("sbom", of: image.manifest)
        let signature = try artifact("signature", of: sbom.manifest)
        for artifact in [sbom, signature] { repository.put(artifact) }
        let found = try await select(cosign: false)
        #expect(found.trees.map(\.manifest.digest) == [image.digest, sbom.digest, signature.digest])
        #expect(found.artifacts.map(\.digest) == [sbom.digest, signature.digest])
        #expect(found.remarks.isEmpty)
    }

    @Test("the images within an index have referrers, too")
    func withinIndex() async throws {
        let index = SampleIndex([image])
        repository.put(index)
        let sbom = try artifact("sbom", of: image.manifest)
        repository.put(sbom)
        var selection = ArtifactSelection()
        selection.takesReferrers = true
        let reference = DigestReference(repository: repository.repository, digest: index.digest)
        let images = try await selection.read([reference], from: { store.repository($0) }, atMost: 4)
        let found = try await selection.apply(to: images, from: store, atMost: 4)
        #expect(found.artifacts.map(\.digest) == [sbom.digest])
    }

    @Test("what cosign stores under tags is included with its tags")
    func cosign() async throws {
        let signature = try SampleImage("signature", platform: nil)
        let tag = Tag.cosign(of: image.digest)[0]
        let reference = repository.put(signature, tag: tag.name)
        let found = try await select(referrers: false)
        #expect(found.artifacts == [reference])
        #expect(found.names == [TaggedImage(tag: tag, image: reference)])
    }

    @Test("a missing referrer is skipped with a remark, and the others are included")
    func missingReferrer() async throws {
        let lost = try artifact("lost", of: image.manifest)
        let sbom = try artifact("sbom", of: image.manifest)
        for artifact in [lost, sbom] { repository.put(artifact) }
        repository.content.manifests[lost.digest] = nil
        let found = try await select(cosign: false)
        #expect(found.artifacts.map(\.digest) == [sbom.digest])
        #expect(found.remarks.map(\.description).count == 1)
        #expect(found.remarks[0].description.hasPrefix("not including registry.example/app@\(lost.digest)"))
    }

    @Test("a referrer whose manifest can't be used is left behind with a remark")
    func unusableReferrer() async throws {
        let text = #"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","subject":"#
        let type = MediaType("application/vnd.oci.artifact.manifest.v1+json")
        let manifest = RawManifest(mediaType: type, bytes: Array((text + image.manifest.descriptor.json + "}").utf8))
        repository.put(manifest)
        let found = try await select(cosign: false)
        #expect(found.artifacts.isEmpty)
        #expect(found.remarks.count == 1 && found.remarks[0].description.contains("unsupported media type"))
    }

    @Test("a tag of cosign's whose image isn't there has no name either")
    func missingSignature() async throws {
        let signature = try SampleImage("signature", platform: nil)
        repository.put(signature, tag: Tag.cosign(of: image.digest)[0].name)
        repository.content.blobs[signature.parsed.config.digest] = nil
        let found = try await select(referrers: false)
        #expect(found.artifacts.isEmpty && found.names.isEmpty && found.remarks.count == 1)
    }

    @Test("a registry that denies referrers and tags gets a remark for each, and the image is copied all the same")
    func denials() async throws {
        store.faults.deniesNames = true
        let found = try await select()
        #expect(found.trees.map(\.manifest.digest) == [image.digest])
        let remarks = found.remarks.map(\.description)
        #expect(remarks.count == 4)
        #expect(remarks[0].hasPrefix("assuming that registry.example/app@\(image.digest) has no referrers"))
        #expect(remarks.dropFirst().allSatisfy { $0.hasPrefix("assuming that there is no ") })
    }

    @Test("a referrer that was altered, or breaks off, is an error: it can't be left behind", arguments: [true, false])
    func damage(isAltered: Bool) async throws {
        let sbom = try artifact("sbom", of: image.manifest)
        repository.put(sbom)
        let config = sbom.parsed.config.digest
        if isAltered {
            repository.content.blobs[config]?[0] ^= 1
        } else {
            store.faults.breakage[config] = 1
        }
        let error = await #expect(throws: ImageTreeError.self) { try await select(cosign: false) }
        #expect(try #require(error).description.contains(sbom.digest.description))
    }
}
