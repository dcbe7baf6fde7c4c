import ContainerImage
import ImageTransfer
import KbldConfiguration
import KbldWorkflows
import TestSupport
import Testing

@Suite("Where images arrive")
struct DestinationPlanTests {
    private let root: Repository
    private let reference: DigestReference
    private let image: SampleImage

    init() throws {
        root = try Repository("r.example/app")
        image = try SampleImage("one")
        reference = DigestReference(repository: try Repository("nginx"), digest: image.digest)
    }

    @Test(
        "The layout decides on the repository",
        arguments: [
            (RepositoryLayout.flat, "r.example/app"), (.mirror, "r.example/app/library/nginx"),
            (.mirrorWithHost, "r.example/app/docker.io/library/nginx"),
        ]
    )
    func layouts(layout: RepositoryLayout, repository: String) throws {
        let plan = DestinationPlan(in: root, layout: layout)
        #expect(try plan.reference(reference).description == "\(repository)@\(image.digest)")
        #expect(try plan.images(["nginx": reference])["nginx"]?.url == "\(repository)@\(image.digest)")
    }

    @Test("Documents name the first of several repositories; each takes all images, once")
    func several() throws {
        let second = try Repository("two.example/app")
        let plan = DestinationPlan(in: root, and: [second, root])
        #expect(plan.roots == [root, second])
        #expect(try plan.reference(reference).repository == root)

        let lines = try Lines()
        let trees = [image.tree(in: reference.repository)]
        let batches = try plan.batches(
            of: trees,
            filtered: [],
            for: documents(""),
            in: MemoryStore(),
            log: lines.sink
        )
        #expect(batches.map(\.repository) == [root, second])
        #expect(batches.map(\.trees.count) == [1, 1])
        #expect(
            lines.all == [root, second].map { "importing \(reference) -> \($0)@\(image.digest)..." }
        )
    }

    @Test("A repository's name that becomes too long is refused")
    func tooLong() throws {
        let long = DigestReference(
            repository: try Repository("r.example/" + String(repeating: "a", count: 200)),
            digest: image.digest
        )
        let plan = DestinationPlan(
            in: try Repository("r.example/" + String(repeating: "b", count: 200)),
            layout: .mirror
        )
        #expect(throws: ReferenceError.self) { try plan.reference(long) }
    }
}
