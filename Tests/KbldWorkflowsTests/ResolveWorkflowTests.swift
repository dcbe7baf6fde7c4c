import ContainerImage
import KbldConfiguration
import KbldWorkflows
import TestSupport
import Testing

@Suite("Resolving the references of documents")
struct ResolveWorkflowTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let reference: DigestReference
    private let lines: Lines

    init() throws {
        lines = try Lines()
        folder = try Folder()
        reference = try store.repository("r.example/app").put(SampleImage("one"), tag: "v1")
    }

    private func options() throws -> ResolveWorkflow.Options {
        ResolveWorkflow.Options(files: [try folder.write(resources(naming: ["r.example/app:v1"]), to: "app.yml")])
    }

    @Test("Documents, lock and log name the digest")
    func digest() async throws {
        var options = try options()
        options.lockOutput = folder.path(of: "lock.yml")
        options.imgpkgLockOutput = folder.path(of: "imgpkg.yml")
        let work = try await ResolveWorkflow(options, in: lines.context)
        #expect(work.references == ["r.example/app:v1"])
        let images = try await work.run(in: store, progress: nil)
        let texts = try await work.documents(with: images)
        #expect(texts.joined().contains("image: \(reference)"))
        #expect(lines.all == ["final: r.example/app:v1 -> \(reference)"])
        #expect(try folder.text(of: "lock.yml").contains("newImage: \(reference)"))
        #expect(try folder.text(of: "imgpkg.yml").contains("image: \(reference)"))
    }

    @Test("An image map comes before the registry, and imgpkg's lock holds no image without a digest")
    func imageMap() async throws {
        var options = try options()
        options.imageMap = try folder.write(#"{"r.example/app:v1": "other.example/app:v2"}"#, to: "map.json")
        options.imgpkgLockOutput = folder.path(of: "imgpkg.yml")
        let work = try await ResolveWorkflow(options, in: lines.context)
        let images = try await work.run(in: store, progress: nil)
        #expect(images["r.example/app:v1"]?.url == "other.example/app:v2")
        #expect(store.requests.isEmpty)
        let error = await #expect(throws: MissingDigestError.self) { try await work.documents(with: images) }
        #expect(error?.message.hints == [.lockFile])
    }
}
