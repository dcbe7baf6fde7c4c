import ContainerImage
import FoundationEssentials
import ImageStore
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

@Suite("Tags that a backup is to have")
struct BackupTagTests: BackupTesting {
    let lab: BackupLab

    init() throws { lab = try BackupLab() }

    @Test("A tag that is listed, and whose manifest is lost, ends the backup without one")
    func lost() async throws {
        let source = try store.repository("r.io/app")
        source.put(try SampleImage("one"), tag: "v1")
        let two = source.put(try SampleImage("two"), tag: "v2")
        source.content.manifests[two.digest] = nil
        let error = await #expect(throws: BackupError.self) { try await back("r.io/app") }
        #expect(error?.description.contains("lists 1 tag whose manifest it doesn't have (404): r.io/app:v2;") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: backups).allSatisfy { !$0.hasSuffix(".tar") })
    }

    @Test("A tag that is deleted while the backup runs is named, and the others are backed up")
    func deleted() async throws {
        let source = try store.repository("r.io/app")
        source.put(try SampleImage("one"), tag: "v1")
        source.put(try SampleImage("two"), tag: "v2")
        store.faults.observer = { request in
            if request.action == .resolve, request.subject == "v2" { source.content.tags["v2"] = nil }
        }
        #expect(try await back("r.io/app").tags.map(\.tag.name) == ["v1"])
        #expect(lines.all.contains("r.io/app:v2 was deleted meanwhile and isn't backed up"))
    }

    @Test("A repository that has no tags any more is named, if the backup was to have it")
    func emptied() async throws {
        let (one, two) = (try store.repository("r.io/a/one"), try store.repository("r.io/b/two"))
        one.put(try SampleImage("one"), tag: "v1")
        two.put(try SampleImage("two"), tag: "v1")
        _ = try await back("r.io/**")
        one.content.tags = [:]
        two.content.tags = [:]
        _ = try await back("r.io/a/*")
        let warnings = lines.all.filter { $0.contains("has no tags now; it had some in the backup of 2") }
        #expect(warnings.count == 1 && warnings[0].hasPrefix("r.io/a/one "))
    }

    @Test("A damaged history is noticed before anything is asked for")
    func history() async throws {
        let source = try store.repository("r.io/app")
        source.put(try SampleImage("one"), tag: "v1")
        _ = try await back("r.io/app")
        try Data("{".utf8).write(to: URL(filePath: backups + "/tags.json"))
        store.forgetRequests()
        await #expect(throws: BackupHistoryError.self) { try await back("r.io/app") }
        #expect(store.requests.isEmpty)
    }
}
