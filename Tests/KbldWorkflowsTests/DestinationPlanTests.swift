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
        let plan = DestinationPlan(
            in: RepositoryRoot(root),
            and: [RepositoryRoot(second), RepositoryRoot(root)]
        )
        #expect(plan.roots == [root, second].map { RepositoryRoot($0) })
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

    @Test("A registry as a whole takes what keeps its path, and nothing else")
    func wholeRegistry() throws {
        let registry = RepositoryRoot(try RegistryHost("r.example:5000"))
        let mirror = DestinationPlan(in: registry, layout: .mirror)
        #expect(try mirror.reference(reference).repository.description == "r.example:5000/library/nginx")
        let withHost = DestinationPlan(in: registry, layout: .mirrorWithHost)
        #expect(try withHost.reference(reference).repository.description == "r.example:5000/docker.io/library/nginx")
        #expect(throws: ReferenceError.self) { try DestinationPlan(in: registry).reference(reference) }
    }

    @Test("Hosts that would share a folder are refused; with paths alone, images share repositories by digest")
    func collision() throws {
        let trees = try ["127.0.0.1:5000/app", "127.0.0.1-5000/app"].map { image.tree(in: try Repository($0)) }
        func batches(_ layout: RepositoryLayout) throws -> [ImageBatch] {
            try DestinationPlan(in: root, layout: layout)
                .batches(of: trees, filtered: [], for: documents(""), in: MemoryStore()) { _ in }
        }
        #expect(throws: CollidingRepositoriesError.self) { try batches(.mirrorWithHost) }
        #expect(try batches(.mirror).count == 1)
    }
}
