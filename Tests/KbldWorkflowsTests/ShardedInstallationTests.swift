import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("Images with origins, installed in shards")
struct ShardedInstallationTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let lines: Lines
    private let references: [DigestReference]

    init() throws {
        (folder, lines) = (try Folder(), try Lines())
        references = [
            try store.repository("a.example/one").put(try SampleImage("one")),
            try store.repository("a.example/two").put(try SampleImage("two")),
        ]
    }

    /// Writes documents that tell the tag `1.0` of these images.
    private func write(_ references: [DigestReference]) throws -> String {
        let notes = references.map {
            "      - origins:\n        - resolved: {tag: '1.0', url: x}\n        url: \($0)\n"
        }
        return try folder.write(
            "kind: Pod\nmetadata:\n  annotations:\n    kbld.k14s.io/images: |\n" + notes.joined()
                + "spec:\n  images:\n" + references.map { "  - image: \($0)\n" }.joined(),
            to: "app.yml"
        )
    }

    private func destination(_ name: String) throws -> DestinationPlan {
        DestinationPlan(in: RepositoryRoot(try Repository(name)), tagsWithOrigin: true)
    }

    private func install(_ command: String, from file: String, to name: String, _ shard: Shard?) async throws {
        if command == "relocate" {
            var options = RelocateWorkflow.Options(files: [file], destination: try destination(name))
            options.shard = shard
            _ = try await RelocateWorkflow(options, in: lines.context).run(in: store, progress: nil)
        } else {
            var options = UnpackageWorkflow.Options(
                files: [file],
                input: folder.path(of: "images.tar"),
                destination: try destination(name)
            )
            options.shard = shard
            try await UnpackageWorkflow(options, in: lines.context).run(to: store, progress: nil)
        }
    }

    @Test(
        "Only the last run sets tags of origin: which image has one takes all images to know",
        arguments: ["relocate", "unpkg"],
        [1, 2]
    )
    func originTags(command: String, count: Int) async throws {
        let file = try write(Array(references.prefix(count)))
        try await PackageWorkflow(
            PackageWorkflow.Options(files: [file], output: folder.path(of: "images.tar")),
            in: lines.context
        ).run(from: store, progress: nil)
        let name = "to.example/\(command)"
        for index in 0..<2 { try await install(command, from: file, to: name, Shard(index: index, count: 2)) }
        let repository = try store.repository(name)
        #expect(references.prefix(count).allSatisfy { repository.content.manifests[$0.digest] != nil })
        #expect(repository.content.tags["1.0"] == nil)
        try await install(command, from: file, to: name, nil)
        #expect(repository.content.tags["1.0"] == (count == 1 ? references[0].digest : nil))
    }
}
