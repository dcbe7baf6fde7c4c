import ContainerImage
import FoundationEssentials
import ImageTransfer
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("Tags of copied images")
struct CopyTagTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let image: SampleImage
    private let lines: Lines

    init() throws {
        folder = try Folder()
        lines = try Lines()
        image = try SampleImage("one")
        try store.repository("from.example/app").put(image, tag: "1.2")
    }

    private func copy(_ source: String, _ destination: String) async throws {
        let options = CopyWorkflow.Options(
            from: try CopyPlace(source: source),
            to: try CopyPlace(destination: destination)
        )
        _ = try await CopyWorkflow(options, in: lines.context).run(in: store, progress: nil)
    }

    @Test("A tag goes into a package of either format, from there into another, and back to a registry")
    func kept() async throws {
        let names = ["one.tar", "layout/", "two.tar"].map(folder.path)
        for (source, destination) in zip(["from.example/app:1.2"] + names, names) {
            try await copy(source, destination)
        }
        #expect(try folder.text(of: "one.tar") == folder.text(of: "two.tar"))
        let index = try folder.text(of: "layout/index.json")
        #expect(index.contains(#""io.containerd.image.name":"from.example/app:1.2""#))
        #expect(index.contains(#""org.opencontainers.image.ref.name":"1.2""#))
        for name in names {
            #expect(
                try await PackageContentsWorkflow(name).items(of: "from.example/app:1.2").first?.digest == image.digest
            )
            try await copy(name, "to.example/app")
            #expect(try store.repository("to.example/app").content.tags["1.2"] == image.digest)
            try store.repository("to.example/app").content = MemoryStore.Content()
        }
        try await copy(names[0], "to.example/app:new")
        #expect(try store.repository("to.example/app").content.tags["1.2"] == nil)
    }

    @Test("What is attached to an image doesn't take its tag away, and counts for none where a new one is named")
    func signed() async throws {
        let referrer = try SampleImage("notes", platform: nil, subject: image.manifest, artifactType: "text/plain")
        try store.repository("from.example/app").put(referrer)
        let package = folder.path(of: "one.tar")
        var options = CopyWorkflow.Options(
            from: try CopyPlace(source: "from.example/app:1.2"),
            to: try CopyPlace(destination: package)
        )
        options.artifacts.takesReferrers = true
        _ = try await CopyWorkflow(options, in: lines.context).run(in: store, progress: nil)
        #expect(try await AnyPackage(path: package).trees.count == 2)
        try await copy(package, "to.example/app")
        try await copy(package, "to.example/app:new")
        let tags = try store.repository("to.example/app").content.tags
        #expect(tags["1.2"] == image.digest && tags["new"] == image.digest)
    }

    @Test(
        "What can't be meant as a destination, or as a source, is told apart from a repository of Docker Hub",
        arguments: [
            ("x.tgz", "uncompressed"), ("x.tar.gz", "uncompressed"), ("x.tar.zst", "uncompressed"),
            ("layout", "folder"),
            ("127.0.0.1:5000", "this is a registry"), ("localhost:5000", "this is a registry"),
        ]
    )
    func places(text: String, words: String) throws {
        let error = #expect(throws: CopyPlaceError.self) { try CopyPlace(destination: text) }
        #expect(error?.message.description.contains(words) == true)
        if words == "this is a registry" { #expect(throws: CopyPlaceError.self) { try CopyPlace(source: text) } }
        #expect(try CopyPlace(source: "nginx:1.29") == .image(Repository("docker.io/library/nginx"), Tag("1.29")))
    }

    @Test("An image that is named by its digest has no tag in a package")
    func untagged() async throws {
        let package = folder.path(of: "one.tar")
        try await copy("from.example/app@\(image.digest)", package)
        #expect(try await AnyPackage(path: package).metadata.isEmpty)
    }

    @Test(
        "A layout whose layers can't be read leaves no folder, and one that was there stays",
        arguments: [true, false]
    )
    func failure(isThere: Bool) async throws {
        var faults = store.faults
        faults.breakage = [image.parsed.layers[0].digest: 1]
        store.faults = faults
        let path = folder.path(of: "layout")
        if isThere { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }
        await #expect(throws: (any Error).self) { try await copy("from.example/app:1.2", path + "/") }
        #expect(FileManager.default.fileExists(atPath: path) == isThere)
        if isThere { #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty) }
    }
}
