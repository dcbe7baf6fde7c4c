import ContainerImage
import ImageStore
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("The references of documents, and the images of a package that they mean")
struct UnpackagedReferencesTests {
    private let repository: Repository
    private let other: Repository
    private let image: SampleImage
    private let reference: DigestReference

    init() throws {
        repository = try Repository("r.example/app")
        other = try Repository("mirror.example/app")
        image = try SampleImage("one")
        reference = DigestReference(repository: repository, digest: image.digest)
    }

    private func find(
        _ references: String...,
        in trees: [ImageTree],
        names: [ImageReference: Digest] = [:],
        metadata: PackageMetadata = PackageMetadata(),
        strays: Set<Digest> = []
    ) throws -> UnpackagedReferences {
        try UnpackagedReferences(
            documents(resources(naming: references)),
            trees: trees,
            names: names,
            metadata: metadata,
            strays: strays
        )
    }

    private func refusal(_ body: () throws -> UnpackagedReferences) throws -> MissingImagesError {
        try #require(#expect(throws: MissingImagesError.self) { try body() })
    }

    @Test("A reference means the image of its repository and digest; all images of the package are installed")
    func plain() throws {
        let second = try SampleImage("two")
        let found = try find(reference.description, in: [image.tree(in: repository), second.tree(in: other)])
        #expect(found.images[reference.description] == reference)
        #expect(found.trees.map(\.reference.digest) == [image.digest, second.digest])
    }

    @Test("The same image in another repository is missing: a digest alone proves no origin in kbld's own format")
    func otherRepository() throws {
        let foreign = "\(other)@\(image.digest)"
        let error = try refusal { try find(foreign, in: [image.tree(in: repository)]) }
        #expect(error.references == [foreign])
        let lines = error.lines.map(\.description)
        #expect(lines.contains { $0.hasPrefix("- \(foreign)") } && lines.last == "- \(reference)")
        #expect(error.issues.map(\.kind) == [.document])
    }

    @Test("Where a format doesn't record repositories, the digest tells the image, which gets the documents' name")
    func stray() throws {
        let wanted = "\(other)@\(image.digest)"
        let found = try find(wanted, in: [image.tree(in: repository)], strays: [image.digest])
        #expect(found.trees.map(\.reference.description) == [wanted])
        #expect(found.images[wanted]?.description == wanted)
    }

    @Test("A name that the package records means its image; a pinned reference is never another one")
    func names() throws {
        let tagged = try ImageReference("r.example/app:v1")
        let found = try find("r.example/app:v1", in: [image.tree(in: repository)], names: [tagged: image.digest])
        #expect(found.images["r.example/app:v1"] == reference)

        let pinned = "r.example/app@\(Digest(of: [1]))"
        let names = [try ImageReference(pinned): image.digest]
        let error = try refusal { try find(pinned, in: [image.tree(in: repository)], names: names) }
        #expect(error.references == [pinned])
    }

    @Test("A filtered index stands for the whole one only where the package proves it")
    func filtered() throws {
        let whole = DigestReference(repository: repository, digest: Digest(of: Array("whole".utf8)))
        var filter = PlatformFilter(
            index: whole,
            filtered: reference,
            platforms: [try Platform("linux/amd64")],
            whole: "whole"
        )
        let tree = image.tree(in: repository)
        let proven = try find(whole.description, in: [tree], metadata: PackageMetadata(platformFilters: [filter]))
        #expect(proven.images[whole.description] == whole)

        filter.whole = nil
        let metadata = PackageMetadata(platformFilters: [filter])
        let error = try refusal { try find(whole.description, in: [tree], metadata: metadata) }
        #expect(error.unproven == [whole.description])
        #expect(error.references.isEmpty)
    }

    @Test("An index that isn't whole can be had as it is, and the images that are there by themselves")
    func incomplete() throws {
        let images = try ["linux/amd64", "linux/arm64"].map { try SampleImage($0, platform: $0) }
        let index = SampleIndex(images)
        guard case .index(var node) = index.tree(in: repository), case .index(let parsed) = try index.manifest.parsed()
        else { return }
        node.children.removeLast()
        node.absent = [parsed.manifests[1]]

        let part = "\(repository)@\(images[0].digest)"
        let found = try find(part, in: [.index(node)])
        #expect(found.trees.map(\.reference.description) == [part])

        let whole = "\(repository)@\(index.digest)"
        #expect(try find(whole, in: [.index(node)]).trees.map(\.reference.description) == [whole])

        node.children = []
        node.absent = parsed.manifests
        let error = try refusal { try find(whole, in: [.index(node)]) }
        #expect(error.incomplete == ["\(whole): linux/amd64, linux/arm64 isn't there"])
    }
}
