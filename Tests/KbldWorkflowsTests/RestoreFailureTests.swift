import ContainerImage
import ImageTransfer
import KbldWorkflows
import RegistryMirroring
import Synchronization
import TestSupport
import Testing

@Suite("What a registry refuses of a restoration")
struct RestoreFailureTests: BackupTesting {
    let lab: BackupLab

    init() throws { lab = try BackupLab() }

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
        _ = try await back("r.io/**")
        store.faults.refusedManifests = [refused.digest]
        let text = try #require(await #expect(throws: BackupError.self) { try await restore(to: "x.io") }).description
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
        try await restore(to: "x.io")
        #expect(there.content.tags == one.content.tags)
    }

    @Test("A registry that is down isn't asked for one image after the other")
    func outage() async throws {
        let source = try store.repository("r.io/app")
        for number in 0..<40 { source.put(try SampleImage("layer \(number)"), tag: "v\(number)") }
        _ = try await back("r.io/app")
        let uploads = Mutex(0)
        store.faults.observer = { request in
            guard request.action == .upload,
                uploads.withLock({
                    $0 += 1; return $0 == 3
                })
            else { return }
            store.faults.isDown = true
            store.forgetRequests()
        }
        let error = await #expect(throws: BackupError.self) {
            try await restore(to: "x.io") { $0.concurrency = 1 }
        }
        #expect(error?.description.hasPrefix("40 of 40 images") == true)
        // What failed, and two images alone.
        #expect(store.requests.count == 3)
        #expect(lines.all.count { $0.hasPrefix("not restored: x.io/app@") } == 2)
        #expect(lines.all.contains { $0.hasPrefix("not restored: 38 more images: ") })
        store.faults.isDown = false
        try await restore(to: "x.io")
        #expect(try store.repository("x.io/app").content.tags == source.content.tags)
    }

    @Test("One image for which the registry never answers keeps back none of the others")
    func silence() async throws {
        let source = try store.repository("r.io/app")
        for number in 0..<9 { source.put(try SampleImage("layer \(number)"), tag: "v\(number)") }
        _ = try await back("r.io/app")
        for silent in [0, 4, 8] {
            let target = "x\(silent).io"
            store.faults.silentManifests = [try SampleImage("layer \(silent)").digest]
            let error = await #expect(throws: BackupError.self) { try await restore(to: target) }
            #expect(error?.description.hasPrefix("1 of 9 images") == true)
            #expect(try store.repository("\(target)/app").content.tags.count == 8)
        }
    }
}
