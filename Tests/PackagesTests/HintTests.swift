import ContainerImage
import ImageStore
import Packages
import Testing

@Suite("Hints of packages' errors")
struct HintTests {
    private let digest = Digest(of: Array("layer".utf8))

    @Test("A delta's error says how to make it whole, however it is wrapped")
    func delta() {
        let cause = ArchiveError.omitted(path: "images.tar", digest)
        let layer = LayerError(layer: digest, source: "r.example.com/app", cause: cause)
        let error = UnfinishedPackageError(cause: layer, place: ".images.tar.part", keptBytes: 1, totalBytes: 2)
        #expect(error.lines.map(\.hints) == [[.mergeDelta], []])
        #expect(error.lines[0].description.hasSuffix("it is a delta that omits \(digest)"))
        #expect(
            error.lines[0].text { _ in "merge it" }.hasSuffix("it is a delta that omits \(digest); merge it")
        )
    }

    @Test("A list of layers has a line for each, and is one text where it is a cause")
    func layers() {
        let error = ArchiveError.layersMissing([digest])
        #expect(error.lines.count == 2)
        #expect(HintedText(describing: error) == HintedText(error.lines.map(\.description).joined(separator: "\n")))
    }

    @Test("A finding has the hint of the error that it comes from")
    func finding() throws {
        let refusal = #expect(throws: ReferenceError.self) { try DigestReference("nginx:1") }
        let finding = PackageIssue(.manifest, "nginx:1", "\(try #require(refusal))")
        #expect(finding.message.hints == [.resolve])
        #expect(finding.message.description.hasSuffix("; resolve it first"))
    }
}
