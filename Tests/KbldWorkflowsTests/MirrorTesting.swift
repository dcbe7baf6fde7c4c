import ContainerImage
import FoundationEssentials
import ImageStore
import KbldWorkflows
import RegistryMirroring
import TestSupport

/// A folder for mirror files, and registries in memory: `s.io/app` has some tags to be mirrored below `m.io/mirror`.
struct MirrorLab: Sendable {
    let folder: Folder
    let lines: Lines
    let store = MemoryStore()

    init() throws {
        lines = try Lines()
        folder = try Folder()
        let source = try store.repository("s.io/app")
        for tag in ["1.0.0", "1.1.0", "1.2.0"] { source.put(try SampleImage(tag), tag: tag) }
        let platforms = ["linux/amd64", "linux/arm64"]
        source.put(SampleIndex(try platforms.map { try SampleImage($0, platform: $0) }), tag: "multi")
    }
}

/// Tests that mirror and prune.
protocol MirrorTesting {
    var lab: MirrorLab { get }
}

extension MirrorTesting {
    var folder: Folder { lab.folder }
    var lines: Lines { lab.lines }
    var store: MemoryStore { lab.store }
    var source: MemoryRepository { get throws { try store.repository("s.io/app") } }
    var target: MemoryRepository { get throws { try store.repository("m.io/mirror/s.io/app") } }

    /// What a file says that asks for all tags.
    static var all: String { "images: [{repository: s.io/app}]" }

    /// What a file says that asks for these tags.
    static func tags(_ names: String) -> String { "images: [{repository: s.io/app, tags: [\(names)]}]" }

    /// Writes the file of the mirror `name`.
    func file(_ text: String = Self.all, as name: String = "mirror") throws -> String {
        try folder.write(
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\nmetadata: {name: \(name)}\ntarget: m.io/mirror\n\(text)\n",
            to: "\(name).yml"
        )
    }

    /// Runs the mirror `name`.
    func run(
        _ text: String = Self.all,
        as name: String = "mirror",
        _ change: (inout MirroringWorkflow.Options) -> Void = { _ in }
    ) async throws -> MirrorPlan {
        var options = MirroringWorkflow.Options(file: try file(text, as: name))
        change(&options)
        return try await MirroringWorkflow(options, in: lines.context).run(in: store, progress: nil)
    }

    /// The pruning of the mirror `name`, which may delete any number of tags.
    func prune(
        _ text: String,
        as name: String = "mirror",
        _ change: (inout PruneWorkflow.Options) -> Void = { _ in }
    ) throws -> PruneWorkflow {
        var options = PruneWorkflow.Options(file: try file(text, as: name))
        options.limit = 100
        change(&options)
        return try PruneWorkflow(options, in: lines.context)
    }
}
