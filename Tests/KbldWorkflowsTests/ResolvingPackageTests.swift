import ContainerImage
import FoundationEssentials
import ImageStore
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("Packing images by their tags")
struct ResolvingPackageTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let one: DigestReference
    private let two: DigestReference
    private let lines: Lines

    init() throws {
        lines = try Lines()
        folder = try Folder()
        one = try store.repository("r.example/one").put(SampleImage("one"), tag: "v1")
        two = try store.repository("r.example/two").put(SampleImage("two"), tag: "v2")
    }

    private func work(
        _ resolving: ResolveWorkflow.Options,
        output: String? = "images.tar"
    ) async throws -> PackageWorkflow {
        try await PackageWorkflow(
            PackageWorkflow.Options(files: [], output: output.map { folder.path(of: $0) }),
            resolving: resolving,
            writing: folder.path(of: "resolved.yml"),
            by: store,
            in: lines.context,
            progress: nil
        )
    }

    private func data(of name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(of: name))) }

    @Test("Documents and named images are resolved, packaged, and written beside the package")
    func packaged() async throws {
        let file = try folder.write(resources(naming: ["r.example/one:v1"]), to: "app.yml")
        var resolving = ResolveWorkflow.Options(files: [file])
        resolving.images = ["r.example/two:v2", "r.example/two:v2", two.description]
        resolving.imgpkgLockOutput = folder.path(of: "lock.yml")
        let work = try await work(resolving)
        #expect(work.count == 2)
        #expect(lines.all.prefix(2) == ["final: r.example/one:v1 -> \(one)", "final: r.example/two:v2 -> \(two)"])
        // Nothing is written before the package is.
        #expect(!FileManager.default.fileExists(atPath: folder.path(of: "resolved.yml")))
        try await work.run(from: store, progress: nil)
        let package = try await AnyPackage(path: folder.path(of: "images.tar"))
        #expect(Set(package.trees.map(\.reference)) == [one, two])
        #expect(try folder.text(of: "lock.yml").contains("image: \(two)"))
        // What was written is what the package is made of.
        let resolved = folder.path(of: "resolved.yml")
        let again = try await PackageWorkflow(
            PackageWorkflow.Options(files: [resolved], output: folder.path(of: "again.tar")),
            in: lines.context
        )
        try await again.run(from: store, progress: nil)
        #expect(try data(of: "again.tar") == data(of: "images.tar"))
    }

    @Test("A package that fails leaves no documents of it")
    func failing() async throws {
        var resolving = ResolveWorkflow.Options(files: [])
        resolving.images = [one.description]
        let work = try await work(resolving)
        store.faults.isDown = true
        await #expect(throws: (any Error).self) { try await work.run(from: store, progress: nil) }
        #expect(!FileManager.default.fileExists(atPath: folder.path(of: "resolved.yml")))
    }

    @Test("An unknown tag ends it before anything is written")
    func unknown() async throws {
        var resolving = ResolveWorkflow.Options(files: [])
        resolving.images = ["r.example/one:v9"]
        await #expect(throws: (any Error).self) { try await work(resolving) }
        #expect(!FileManager.default.fileExists(atPath: folder.path(of: "images.tar")))
    }
}
