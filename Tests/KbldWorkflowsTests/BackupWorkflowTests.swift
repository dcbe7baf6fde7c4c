import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages
import RegistryMirroring
import TestSupport
import Testing

@Suite("Backups of repositories")
struct BackupWorkflowTests: BackupTesting {
    let lab: BackupLab

    init() throws { lab = try BackupLab() }

    @Test("A registry that is lost comes back with its tags and referrers; an increment omits what is there")
    func backup() async throws {
        let source = try store.repository("r.io/team/app")
        let (one, two) = (try SampleImage("one"), try SampleImage("two"))
        source.put(one, tag: "v1")
        source.put(try SampleImage("sbom", subject: one.manifest, artifactType: "a/b"))
        func back() async throws -> BackupWorkflow.Outcome {
            var options = BackupWorkflow.Options(["r.io/team/**"], to: backups)
            options.bases = ["last"]
            return try await BackupWorkflow(options, in: lines.context).run(in: store, progress: nil)
        }
        let first = try await back()
        source.put(two, tag: "v2")
        let second = try await back()
        #expect(first.path != second.path && first.tags.count == 1 && second.tags.count == 2)
        #expect(try await AnyPackage(path: second.path).heldLayers.count == 1)
        let items = try await BackupListing(backups).verify(atMost: 2, progress: nil)
        #expect(items.map(\.tags) == [1, 2] && items.allSatisfy(\.errors.isEmpty))
        let before = source.content
        source.content = MemoryStore.Content()
        var options = RestoreWorkflow.Options(
            backups,
            to: try RestoreMap(to: RepositoryRoot(RegistryHost("r.io")), renaming: [])
        )
        let restored = try await RestoreWorkflow(options, in: lines.context).run(in: store, progress: nil)
        #expect(restored.tags.count == 2)
        #expect(source.content.tags == before.tags && source.content.manifests == before.manifests)
        #expect(try await source.referrers(of: one.digest).descriptors.count == 1)
        let outcome = try await RepositoryVerification(of: source, atMost: 2).outcome(
            for: try await AnyPackage(path: second.path).trees,
            tagged: second.tags
        )
        #expect(outcome.errors.isEmpty)
        // A tag that names something else is refused, kept, or moved.
        source.put(two, tag: "v1")
        func restore(_ policy: RestoreWorkflow.TagPolicy) async throws {
            options.policy = policy
            _ = try await RestoreWorkflow(options, in: lines.context).run(in: store, progress: nil)
        }
        await #expect(throws: BackupError.self) { try await restore(.fail) }
        try await restore(.skip)
        #expect(source.content.tags["v1"] == two.digest)
        try await restore(.move)
        #expect(source.content.tags["v1"] == one.digest)
        let map = try RestoreMap(to: RepositoryRoot(RegistryHost("x.io")), renaming: ["team/app=other/place"])
        _ = try await RestoreWorkflow(.init(backups, to: map), in: lines.context).run(in: store, progress: nil)
        #expect(try store.repository("x.io/other/place").content.tags.count == 2)
        let history = try BackupHistory(
            decoding: try Array(folder.text(of: "backups/tags.json").utf8),
            path: "tags.json"
        )
        #expect(history.tags.map(\.tag) == ["v1", "v2"])
    }

    @Test("An increment omits only what the folder has: the backup under the last one may be gone")
    func lostBase() async throws {
        let source = try store.repository("r.io/team/app")
        source.put(try SampleImage("one"), tag: "v1")
        func back() async throws -> String {
            var options = BackupWorkflow.Options(["r.io/team/app"], to: backups)
            options.bases = ["last"]
            return try await BackupWorkflow(options, in: lines.context).run(in: store, progress: nil).path
        }
        let first = try await back()
        source.put(try SampleImage("two"), tag: "v2")
        _ = try await back()
        try FileManager.default.removeItem(atPath: first)
        #expect(try await AnyPackage(path: try await back()).heldLayers.count == 1)
        #expect(try await BackupListing(backups).verify(atMost: 2, progress: nil).last?.errors.isEmpty == true)
    }

    @Test("A truncated backup keeps no later one from being made, which has what that one had")
    func truncatedBase() async throws {
        let source = try store.repository("r.io/team/app")
        source.put(try SampleImage("one"), tag: "v1")
        let first = try await back("r.io/team/app", base: true)
        source.put(try SampleImage("two"), tag: "v2")
        _ = try await back("r.io/team/app", base: true)
        let bytes = try Data(contentsOf: URL(filePath: first.path))
        try bytes.prefix(700).write(to: URL(filePath: first.path))
        let third = try await back("r.io/team/app", base: true)
        #expect(try await AnyPackage(path: third.path).heldLayers.count == 1)
        #expect(try await BackupListing(backups).verify(atMost: 2, progress: nil).last?.errors.isEmpty == true)
    }

    @Test("Two repositories don't become one where they are restored")
    func ambiguousRestoration() async throws {
        try store.repository("r.io/app").put(try SampleImage("one"), tag: "v1")
        try store.repository("q.io/app").put(try SampleImage("two"), tag: "v1")
        _ = try await BackupWorkflow(.init(["r.io/app", "q.io/app"], to: backups), in: lines.context)
            .run(in: store, progress: nil)
        let map = try RestoreMap(to: RepositoryRoot(RegistryHost("x.io")), renaming: [])
        await #expect(throws: BackupError.self) {
            try await RestoreWorkflow(.init(backups, to: map), in: lines.context).run(in: store, progress: nil)
        }
        #expect(try store.repository("x.io/app").content.tags.isEmpty)
    }

    @Test("Backups of single repositories make up a state together, each repository by its latest one")
    func single() async throws {
        let (one, two) = (try store.repository("r.io/one"), try store.repository("r.io/two"))
        one.put(try SampleImage("old"), tag: "v1")
        two.put(try SampleImage("two"), tag: "v1")
        _ = try await back("r.io/one")
        _ = try await back("r.io/two")
        one.put(try SampleImage("new"), tag: "v1")
        _ = try await back("r.io/one")
        #expect(try await restore(to: "x.io").paths.count == 2)
        #expect(try store.repository("x.io/one").content.tags == one.content.tags)
        #expect(try store.repository("x.io/two").content.tags == two.content.tags)
    }

    @Test("What was gone by the time of the latest backup of a pattern doesn't come back")
    func deleted() async throws {
        let (one, two) = (try store.repository("r.io/one"), try store.repository("r.io/two"))
        one.put(try SampleImage("one"), tag: "v1")
        two.put(try SampleImage("two"), tag: "v1")
        _ = try await back("r.io/**")
        store.remove(two.repository)
        _ = try await back("r.io/**")
        #expect(try await restore(to: "x.io").tags.count == 1)
        #expect(try store.repository("x.io/two").content.tags.isEmpty)
    }

    @Test("Tags that stand for digests come back without tags.json, those of absent images too")
    func companions() async throws {
        let source = try store.repository("r.io/app")
        let gone = try SampleImage("gone")
        let signature = try #require(Tag.cosign(of: gone.digest).first)
        source.put(try SampleImage("signature"), tag: signature.name)
        source.put(try SampleImage("one"), tag: "v1")
        _ = try await back("r.io/app")
        try FileManager.default.removeItem(atPath: backups + "/tags.json")
        _ = try await restore(to: "x.io")
        #expect(try store.repository("x.io/app").content.tags == source.content.tags)
    }

    @Test(
        "A list of referrers that has grown since keeps what it has, whatever happens to tags",
        arguments: [
            RestoreWorkflow.TagPolicy.move, .fail, .skip,
        ]
    )
    func referrers(policy: RestoreWorkflow.TagPolicy) async throws {
        let source = try store.repository("r.io/app")
        let one = try SampleImage("one")
        let (old, new) = (
            try SampleImage("old", subject: one.manifest, artifactType: "a/b"),
            try SampleImage("new", subject: one.manifest, artifactType: "a/b")
        )
        let list = Tag.referrers(of: one.digest).name
        source.put(one, tag: "v1")
        source.put(old)
        source.put(SampleIndex([old]), tag: list)
        _ = try await back("r.io/app")
        source.put(new)
        let grown = SampleIndex([old, new])
        source.put(grown, tag: list)
        source.content.manifests[old.digest] = nil
        _ = try await restore { $0.policy = policy }
        #expect(source.content.tags[list] == grown.manifest.digest)
        #expect(source.content.manifests[old.digest] != nil)
        #expect(store.subjects(of: .registerReferrers).contains(one.digest.description))
    }

    @Test("A damaged backup is listed as such, and so is what builds on it")
    func damage() async throws {
        let source = try store.repository("r.io/app")
        source.put(try SampleImage("one layer"), tag: "v1")
        let first = try await back("r.io/app", base: true)
        source.put(try SampleImage("two"), tag: "v2")
        _ = try await back("r.io/app", base: true)
        try damage("one layer", in: first.path)
        let errors = try await BackupListing(backups).verify(atMost: 2, progress: nil).map(\.errors)
        #expect(errors.count == 2 && errors[0].count == 1)
        #expect(errors.last?.first?.contains("needs of '\(first.path)', which is damaged") == true)
        try Data(contentsOf: URL(filePath: first.path)).prefix(700).write(to: URL(filePath: first.path))
        let items = try await BackupListing(backups).items()
        #expect(items.map(\.errors.isEmpty) == [false, true])
        let error = await #expect(throws: BackupError.self) { try await restore(to: "x.io") }
        #expect(error?.description.contains("can't be read: \(first.path)") == true)
        // Without what relies on it, it may have repositories that no other has.
        try FileManager.default.removeItem(atPath: backups + "/tags.json")
        try FileManager.default.moveItem(atPath: first.path, toPath: backups + "/20200101T000000Z.tar")
        _ = try await back("r.io/app")
        let doubt = await #expect(throws: BackupError.self) { try await restore(to: "x.io") }
        #expect(doubt?.description.contains("may be the only backup of some repositories") == true)
    }

    @Test("A layer that is damaged in one backup comes from another that has it, whichever repository it is for")
    func substitute() async throws {
        let (one, two) = (try store.repository("r.io/one"), try store.repository("r.io/two"))
        one.put(try SampleImage("one layer", "first"), tag: "v1")
        two.put(try SampleImage("one layer", "second"), tag: "v1")
        _ = try await back("r.io/one")
        _ = try await back("r.io/one")
        let latest = try await back("r.io/two").path
        try damage("one layer", in: latest)
        #expect(try await BackupListing(backups).verify(atMost: 2, progress: nil).map(\.errors.count) == [0, 0, 1])
        try await restore(to: "x.io")
        #expect(try store.repository("x.io/one").content.tags == one.content.tags)
        #expect(try store.repository("x.io/two").content.tags == two.content.tags)
        #expect(lines.all.contains { $0.contains(latest) && $0.contains("has the layer, too, and it is taken from") })
    }

    @Test("What an increment omits may be damaged in one backup, as long as another has it whole")
    func omittedTwice() async throws {
        try store.repository("r.io/app").put(try SampleImage("one layer"), tag: "v1")
        _ = try await back("r.io/app")
        let second = try await back("r.io/app").path
        _ = try await back("r.io/app", base: true)
        try damage("one layer", in: second)
        #expect(try await BackupListing(backups).verify(atMost: 2, progress: nil).map(\.errors.count) == [0, 1, 0])
        #expect(try await restore(to: "x.io").tags.count == 1)
    }

    @Test("Layers that aren't distributable are left out, and that is told")
    func foreignLayers() async throws {
        let type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
        try store.repository("r.io/app").put(try SampleImage("windows", layerType: type), tag: "v1")
        _ = try await back("r.io/app")
        #expect(lines.all.contains { $0.hasPrefix("without 1 non-distributable layer, which") })
    }

    @Test("Backups at the same time have files and a history for each, and clear what a killed one has left")
    func concurrent() async throws {
        for name in ["one", "two", "three"] {
            try store.repository("r.io/\(name)").put(try SampleImage(name), tag: "v1")
        }
        try FileManager.default.createDirectory(atPath: backups, withIntermediateDirectories: true)
        for name in [".20260101T000000Z.tar.partial", ".other.partial"] {
            try Data("x".utf8).write(to: URL(filePath: "\(backups)/\(name)"))
        }
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for name in ["one", "two", "three"] { group.addTask { try await back("r.io/\(name)").path } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: backups)
        #expect(paths.count == 3 && files.count { $0.hasSuffix(".tar") } == 3)
        #expect(files.filter { $0.hasSuffix(".partial") } == [".other.partial"])
        let history = try BackupHistory(decoding: Array(folder.text(of: "backups/tags.json").utf8), path: "tags.json")
        #expect(history.tags.count == 3)
        #expect(try await restore(to: "x.io").tags.count == 3)
    }
}
