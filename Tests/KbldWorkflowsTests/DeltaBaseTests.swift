import ContainerImage
import ImageStore
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("What the other side has")
struct DeltaBaseTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let repository: MemoryRepository
    private let image: SampleImage
    private let reference: DigestReference

    init() throws {
        folder = try Folder()
        repository = try store.repository("r.example/app")
        image = try SampleImage("shared", "old")
        reference = repository.put(image)
    }

    private func held(by base: DeltaBase, of layers: [[UInt8]]) async throws -> Set<Digest> {
        let layers = layers.map { Descriptor(MediaType(SampleImage.layerType), of: $0) }
        return try await base.held(of: layers, in: store, atMost: 2)
    }

    @Test("A package is known by its content, whatever its name")
    func package() async throws {
        let path = folder.path(of: "last.yml")
        let plan = try ArchivePlan([image.tree(in: repository.repository)])
        try await ArchiveWriter(path: path).write(plan, from: { [store] in store.repository($0) }, atMost: 2)
        let base = try await DeltaBase(path, in: try Lines().context)
        guard case .package = base else { return #expect(Bool(false), "\(base)") }
        #expect(try await held(by: base, of: []) == Set(image.layers.map { Digest(of: $0) }))
    }

    @Test("Documents have the layers of their images")
    func documents() async throws {
        let path = try folder.write(resources(naming: [reference]), to: "app.tar")
        let base = try await DeltaBase(path, in: try Lines().context)
        guard case .documents = base else { return #expect(Bool(false), "\(base)") }
        #expect(try await held(by: base, of: []) == Set(image.layers.map { Digest(of: $0) }))
    }

    @Test("What is not a file is a repository, which is asked for each layer")
    func askedRepository() async throws {
        let base = try await DeltaBase("r.example/app", in: try Lines().context)
        guard case .repository(let name) = base else { return #expect(Bool(false), "\(base)") }
        #expect(name == repository.repository)
        #expect(try await held(by: base, of: [image.layers[0], [1]]) == [Digest(of: image.layers[0])])
        #expect(store.requests.map(\.action) == [.askBlob, .askBlob])
    }

    @Test(
        "What looks like a file and isn't there means nothing",
        arguments: ["./last", "/nowhere/last", "last.tar", "app.yml", "Not a repository"]
    )
    func unknown(text: String) async throws {
        let error = await #expect(throws: DeltaBaseError.self) { try await DeltaBase(text, in: try Lines().context) }
        #expect(error?.text == text)
        #expect(error?.message.hints == [.base])
    }
}
