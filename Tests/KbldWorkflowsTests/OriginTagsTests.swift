import ContainerImage
import KbldWorkflows
import TestSupport
import Testing

@Suite("Tags that tell where images come from")
struct OriginTagsTests {
    private let repository: Repository
    private let destination: Repository
    private let image: SampleImage
    private let reference: DigestReference

    init() throws {
        repository = try Repository("r.example/app")
        destination = try Repository("to.example/all")
        image = try SampleImage("one")
        reference = DigestReference(repository: repository, digest: image.digest)
    }

    /// A resource whose annotation says that these images had this tag.
    private func resource(_ references: DigestReference..., tag: String) -> String {
        let notes = references.map {
            "      - url: \($0)\n        origins:\n        - resolved: {url: x, tag: '\(tag)'}\n"
        }
        return "metadata:\n  annotations:\n    kbld.k14s.io/images: |\n" + notes.joined()
    }

    @Test("An image has imgpkg's tag, and those that annotations tell")
    func annotated() throws {
        let tags = OriginTags(try documents(resource(reference, tag: "v1")), [])
            .tags(of: [image.tree(in: repository)], in: destination, log: try Lines().sink)
        #expect(tags[image.digest]?.map(\.name).contains("v1") == true)
        #expect(tags[image.digest]?.contains(.imgpkg(of: image.digest)) == true)
    }

    @Test("A tag that several images had is nobody's")
    func shared() throws {
        let second = try SampleImage("two")
        let other = DigestReference(repository: repository, digest: second.digest)
        let lines = try Lines()
        let tags = OriginTags(try documents(resource(reference, other, tag: "v1")), [])
            .tags(of: [image, second].map { $0.tree(in: repository) }, in: destination, log: lines.sink)
        #expect(tags[image.digest] == [.imgpkg(of: image.digest)])
        #expect(tags[second.digest] == [.imgpkg(of: second.digest)])
        #expect(lines.all == ["not tagging 'v1' in \(destination): 2 images had this tag"])
    }

    @Test("Tags beside digests and those of locked references count where they are of the same repository")
    func references() throws {
        let other = DigestReference(repository: try Repository("r.example/other"), digest: Digest(of: [2]))
        let text = """
            image: \(repository):v2@\(image.digest)
            ---
            image: \(repository)@\(image.digest)
            ---
            apiVersion: kbld.k14s.io/v1alpha1
            kind: Config
            overrides:
            - {image: 'r.example/other:3.1', newImage: '\(other)', preresolved: true}
            - {image: 'elsewhere.example/other:4', newImage: '\(other)', preresolved: true}
            - {image: 'r.example/other', newImage: '\(other)', preresolved: true}
            """
        let lines = try Lines()
        let tags = OriginTags(ofReferences: try documents(text))
        #expect(
            tags.images(where: { _ in true }, log: lines.sink)
                == [.init(tag: try Tag("v2"), image: reference), .init(tag: try Tag("3.1"), image: other)]
        )
        #expect(tags.images(where: { $0 == other }, log: lines.sink).map(\.tag.name) == ["3.1"])
        #expect(lines.all == [])
    }

    @Test("A tag that two images of a repository had is left out, and one that stands for a digest")
    func ambiguous() throws {
        let other = DigestReference(repository: repository, digest: Digest(of: [2]))
        let arrival = Tag.kbldDigestTag(for: other.digest).name
        let text = [resource(reference, other, tag: "v1"), resource(reference, tag: arrival)].joined(separator: "---\n")
        let lines = try Lines()
        let tags = OriginTags(ofReferences: try documents(text))
        #expect(tags.images(where: { _ in true }, log: lines.sink) == [])
        #expect(lines.all == ["leaving out the tag \(repository):v1: 2 images had it"])
        #expect(tags.images(where: { $0 == reference }, log: lines.sink).map(\.tag.name) == ["v1"])
    }

    @Test("A filtered index has the tags of the whole one")
    func filtered() throws {
        let whole = DigestReference(repository: repository, digest: Digest(of: [1]))
        let filter = PlatformFilter(index: whole, filtered: reference, platforms: [])
        let tags = OriginTags(try documents(resource(whole, tag: "v1")), [filter])
            .tags(of: [image.tree(in: repository)], in: destination, log: try Lines().sink)
        #expect(tags[image.digest]?.map(\.name).contains("v1") == true)
    }
}
