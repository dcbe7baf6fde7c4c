import ContainerImage
import ImageTransfer
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

@Suite("What a registry refuses of a restoration")
struct RestoreFailureTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let lines: Lines

    init() throws {
        lines = try Lines()
        folder = try Folder()
    }

    private var backups: String { folder.path(of: "backups") }

    private func restore() async throws {
        let map = try RestoreMap(to: RepositoryRoot(RegistryHost("x.io")), renaming: [])
        _ = try await RestoreWorkflow(.init(backups, to: map), in: lines.context).run(in: store, progress: nil)
    }

    @Test("One image that is refused keeps back only itself and the indexes over it, and is in the error")
    func refused() async throws {
        let (one, two) = (try store.repository("r.io/one"), try store.repository("r.io/two"))
        let refused = try SampleImage("refused")
        let index = SampleIndex([refused, try SampleImage("sibling")])
        one.put(try SampleImage("one"), tag: "v1")
        one.put(refused, tag: "v2")
        one.put(index, tag: "v3")
        one.put(try SampleImage("last"), tag: "v4")
        two.put(try SampleImage("two"), tag: "v1")
        _ = try await BackupWorkflow(.init(["r.io/**"], to: backups), in: lines.context).run(in: store, progress: nil)
        store.faults.refusedManifests = [refused.digest]
        let text = try #require(await #expect(throws: BackupError.self) { try await restore() }).description
        let (there, other) = (try store.repository("x.io/one"), try store.repository("x.io/two"))
        #expect(there.content.tags.keys.sorted() == ["v1", "v4"])
        #expect(there.content.manifests[index.manifest.digest] == nil)
        #expect(other.content.tags == two.content.tags)
        #expect(text.hasPrefix("2 of 5 images and their tags could not be restored"))
        for digest in [refused.digest, index.manifest.digest] {
            #expect(text.contains("x.io/one@\(digest)"))
            #expect(lines.all.contains { $0.hasPrefix("not restored: x.io/one@\(digest): ") })
        }
        store.faults.refusedManifests = []
        try await restore()
        #expect(there.content.tags == one.content.tags)
    }
}
