import ContainerImage
import FoundationEssentials
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("Names by which runtimes find images")
struct RuntimeNamesTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let lines: Lines

    init() throws {
        folder = try Folder()
        lines = try Lines()
    }

    /// The names in the index of a layout that is packaged of these references.
    private func names(_ references: [String], _ naming: LayoutNaming = LayoutNaming()) async throws -> Set<String> {
        let file = try folder.write(references.map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: "layout/"))
        options.format = .oci
        options.naming = naming
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        let index = try folder.text(of: "layout/index.json")
        return Set(index.matches(of: /"io\.containerd\.image\.name":"([^"]+)"/).map { String($0.1) })
    }

    @Test("are the digest and each tag; Docker Hub's are written out")
    func both() async throws {
        let image = try SampleImage("one")
        try store.repository("docker.io/library/nginx").put(image, tag: "1.29")
        let digest = image.digest
        let references = ["nginx:1.29@\(digest)", "nginx:stable@\(digest)"]
        let name = "docker.io/library/nginx"
        #expect(
            try await names(references) == ["\(name)@\(digest)", "\(name):1.29", "\(name):stable"]
        )
    }

    @Test("are those that are asked for; an image without a tag keeps its digest")
    func chosen() async throws {
        let (tagged, plain) = (try SampleImage("one"), try SampleImage("two"))
        try store.repository("r.example/app").put(tagged, tag: "1")
        try store.repository("r.example/plain").put(plain)
        let references = ["r.example/app:1@\(tagged.digest)", "r.example/plain@\(plain.digest)"]
        var naming = LayoutNaming()
        naming.byDigest = false
        #expect(try await names(references, naming) == ["r.example/app:1", "r.example/plain@\(plain.digest)"])
    }

    @Test("are only by digest where tags aren't wanted")
    func digests() async throws {
        let image = try SampleImage("one")
        try store.repository("r.example/app").put(image, tag: "1")
        var naming = LayoutNaming()
        naming.byTag = false
        #expect(try await names(["r.example/app:1@\(image.digest)"], naming) == ["r.example/app@\(image.digest)"])
    }

    @Test("can't be one tag of two images")
    func ambiguous() async throws {
        let (one, two) = (try SampleImage("one"), try SampleImage("two"))
        try store.repository("r.example/app").put(one)
        try store.repository("r.example/app").put(two)
        let error = await #expect(throws: (any Error).self) {
            try await names(["r.example/app:1@\(one.digest)", "r.example/app:1@\(two.digest)"])
        }
        #expect(error.map { "\($0)" }?.contains("r.example/app:1 is the tag of two images") == true)
    }

    @Test("can't be longer than runtimes take")
    func long() async throws {
        let image = try SampleImage("one")
        let path = String(repeating: "x", count: 190)
        try store.repository("r.example/\(path)").put(image)
        let error = await #expect(throws: ArchiveError.self) { try await names(["r.example/\(path)@\(image.digest)"]) }
        #expect(error?.message.description.contains("runtimes take no more than 255") == true)
    }

    @Test(
        "What takes images is a runtime by its name, a cluster of kind, or a folder, which has a slash",
        arguments: [
            ("containerd", LoadWorkflow.Runtime.containerd), ("docker", .docker), ("podman", .podman), ("k3s", .k3s),
            ("kind", .kind(nil)), ("kind:dev", .kind("dev")), ("./images", .folder("./images")), ("/x", .folder("/x")),
            ("kind:", nil), ("images", nil), ("", nil),
        ]
    )
    func runtimes(text: String, runtime: LoadWorkflow.Runtime?) { #expect(LoadWorkflow.Runtime(text) == runtime) }
}
