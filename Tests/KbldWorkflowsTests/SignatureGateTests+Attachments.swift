import ContainerImage
import ImageStore
import ImageTransfer
import KbldWorkflows
import Signatures
import TestSupport
import Testing

/// What says that it is attached to a signed image travels along unsigned, unless it could be run or found elsewhere.
extension SignatureGateTests {
    /// The images that are judged where `stranger` comes with the signed image, under cosign's tag of it if that is given.
    private func judged(_ stranger: SampleImage, in repository: Repository, under suffix: String? = nil) async throws
        -> (reference: DigestReference, images: [DigestReference], accepted: Bool)
    {
        try signAll()
        let reference = store.repository(repository).put(stranger)
        let gate = try #require(try SignatureGate(options("team.pub")))
        var selection = ArtifactSelection()
        selection.takesCosign = true
        let read = try await selection.read([references[0], reference], from: { store.repository($0) }, atMost: 1)
        let all = try await selection.apply(to: read, from: store, atMost: 1)
        let tag = try suffix.map { TaggedImage(tag: try Tag(references[0].digest.dashed + $0), image: reference) }
        let names = all.names + (tag.map { [$0] } ?? [])
        let images = SignatureGate.Images(all.trees, names: names, platformFilters: [], named: [references[0]])
        let verdicts = try await gate.verdicts(on: images, from: { store.repository($0) }, atMost: 1)
        return (reference, verdicts.map(\.image), verdicts.allSatisfy(\.isAccepted))
    }

    @Test(
        "An image that a package calls an attachment of a signed one is judged",
        arguments: [".sbom", ".att", ".sig"]
    )
    func namedAttachment(suffix: String) async throws {
        let result = try await judged(try SampleImage("stranger"), in: references[0].repository, under: suffix)
        #expect(result.images == [references[0], result.reference].sorted() && !result.accepted)
    }

    @Test("An image that refers to a signed one is judged")
    func runnableReferrer() async throws {
        let owner = store.repository(references[0].repository).content.manifests[references[0].digest]
        let stranger = try SampleImage("stranger", subject: owner, artifactType: "text/x-harmless")
        let result = try await judged(stranger, in: references[0].repository)
        #expect(result.images.contains(result.reference) && !result.accepted)
    }

    @Test("An artifact travels along with what it refers to, and nowhere else")
    func artifact() async throws {
        let owner = store.repository(references[0].repository).content.manifests[references[0].digest]
        let note = try SampleImage("a note", layerType: "text/spdx+json", subject: owner)
        let along = try await judged(note, in: references[0].repository)
        #expect(along.images == [references[0]] && along.accepted)
        let elsewhere = try await judged(note, in: try Repository("docker.io/team/prod"))
        #expect(elsewhere.images.contains(elsewhere.reference) && !elsewhere.accepted)
    }
}
