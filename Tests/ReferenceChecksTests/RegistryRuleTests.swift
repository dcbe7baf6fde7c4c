import ContainerImage
import ImageStore
import ReferenceChecks
import TestSupport
import Testing

@Suite("Rules that ask registries")
struct RegistryRuleTests {
    private let store = MemoryStore()

    private func report(_ settings: CheckSettings, _ texts: [String]) async throws -> CheckReport {
        store.forgetRequests()
        return try await ReferenceCheck(settings).report(
            on: try texts.enumerated().map { try Sample.reference($1, line: $0 + 1) },
            asking: store
        )
    }

    /// A manifest with annotations, and a config that says when it was created and for what.
    private func image(
        _ seed: String,
        annotations: [String: String] = [:],
        created: String = "",
        in repository: MemoryRepository
    ) -> RawManifest {
        let config = Array(#"{"created":"\#(created)","os":"linux","architecture":"amd64","seed":"\#(seed)"}"#.utf8)
        let digest = Digest(of: config)
        repository.content.blobs[digest] = config
        let pairs = annotations.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":\
            "application/vnd.oci.image.config.v1+json","digest":"\(digest)","size":\(config.count)},"layers":[],\
            "annotations":{\(pairs.joined(separator: ","))}}
            """
        return RawManifest(mediaType: .ociManifest, bytes: Array(text.utf8))
    }

    @Test("A reference in 200 places is asked for once, by each question")
    func once() async throws {
        let repository = try store.repository("r.io/app")
        let now = repository.put(image("now", in: repository), tag: "1")
        let text = "r.io/app:1@\(now.digest)"
        let found = try await report(Sample.settings(.missing, .drift, .tagGone), Array(repeating: text, count: 200))
        #expect(found.findings.isEmpty && found.unchecked.isEmpty)
        #expect(store.requests.count == 2)
        #expect(store.subjects(of: .resolve) == ["1"])
    }

    @Test("A moved tag is reported with both dates, and what would mend it")
    func drift() async throws {
        let repository = try store.repository("r.io/app")
        let old = repository.put(image("old", created: "2024-01-02T03:04:05Z", in: repository))
        let new = repository.put(image("new", created: "2024-05-06T07:08:09Z", in: repository), tag: "1")
        store.forgetRequests()
        let reference = try Sample.reference("r.io/app:1@\(old.digest)")
        let fix = Finding.Replacement(region: reference.region, text: "there")
        let found = try await ReferenceCheck(Sample.settings(.drift)) { number, digest in
            number == 0 && digest == new.digest ? [fix] : []
        }
        .report(on: [reference], asking: store)
        #expect(found.messages == ["1 is \(new.digest) of 2024-05-06 now, not \(old.digest) of 2024-01-02"])
        #expect(found.findings.first?.fix == [fix])
        #expect(found.findings.first?.level == .warning)
    }

    @Test("An image of the index that the tag names is no drift")
    func platformOfIndex() async throws {
        let repository = try store.repository("r.io/app")
        let entry = repository.put(image("entry", in: repository))
        let size = repository.content.manifests[entry.digest]?.bytes.count ?? 0
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":"\(MediaType.ociManifest)",\
            "digest":"\(entry.digest)","size":\(size),"platform":{"os":"linux","architecture":"arm64"}}]}
            """
        repository.put(RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8)), tag: "1")
        var settings = Sample.settings(.drift, .platform)
        settings.platforms = [try Platform("linux/amd64")]
        let found = try await report(settings, ["r.io/app:1@\(entry.digest)", "r.io/app:1"])
        #expect(found.places == ["KBLD009 app.yml:2"])
        #expect(found.messages == ["not there for linux/amd64"])
        #expect(found.findings.first?.hint == "it is there for linux/arm64")
    }

    @Test("What is gone is told from tags that are gone")
    func gone() async throws {
        let repository = try store.repository("r.io/app")
        let there = repository.put(image("there", in: repository))
        let gone = Sample.digests[0]
        let found = try await report(
            Sample.settings(.missing, .tagGone),
            ["r.io/app:1@\(there.digest)", "r.io/app:1@\(gone)", "r.io/app:2"]
        )
        #expect(found.places == ["KBLD005 app.yml:1", "KBLD003 app.yml:2", "KBLD003 app.yml:3"])
        #expect(
            found.messages == [
                "the tag 1 is gone, the image is still there", "the registry does not have \(gone)",
                "the registry does not have the tag 2",
            ]
        )
    }

    @Test("In depth, blobs and images of indexes are asked for")
    func deep() async throws {
        let repository = try store.repository("r.io/app")
        let image = repository.put(image("whole", in: repository))
        repository.content.blobs = [:]
        var settings = Sample.settings(.missing)
        settings.isDeep = true
        let found = try await report(settings, ["r.io/app@\(image.digest)"])
        #expect(found.messages.first?.hasPrefix("the registry does not have its blob sha256:") == true)
    }

    @Test("Newer tags come from one list, and a long list is said to be one")
    func newer() async throws {
        let repository = try store.repository("r.io/app")
        let digest = repository.put(image("any", in: repository)).digest
        for tag in ["1.0.0", "1.1.0", "2.0.0"] { repository.content.tags[tag] = digest }
        let found = try await report(Sample.settings(.newer), ["r.io/app:1.0.0", "r.io/app:1.1.0", "r.io/app:latest"])
        #expect(found.messages == ["there is 1.1.0"])
        #expect(store.requests.count == 1)
        for number in 0..<10_000 { repository.content.tags["0.0.\(number)"] = digest }
        let long = try await report(Sample.settings(.newer), ["r.io/app:0.0.1"])
        #expect(long.messages == ["there is 0.0.9999 (among the first 10000 tags)"])
        #expect(long.remarks.count == 1)
    }

    @Test("Bases that have moved, and images that are old, are reported by what they say of themselves")
    func details() async throws {
        let repository = try store.repository("r.io/app")
        let base = try store.repository("r.io/base")
        let now = base.put(image("base", in: base), tag: "3")
        let annotations = [
            "org.opencontainers.image.base.name": "r.io/base:3",
            "org.opencontainers.image.base.digest": "\(Sample.digests[0])",
            "org.opencontainers.image.created": "2024-01-01T00:00:00Z",
        ]
        repository.put(image("a", annotations: annotations, in: repository), tag: "old")
        repository.put(image("b", created: "1970-01-01T00:00:00Z", in: repository), tag: "unknown")
        repository.put(image("c", created: "2024-12-24T00:00:00Z", in: repository), tag: "new")
        let texts = ["old", "unknown", "new"].map { "r.io/app:\($0)" }
        let found = try await report(Sample.settings(.base, .age), texts)
        #expect(
            found.messages == [
                "its base r.io/base:3 is \(now.digest) now, not \(Sample.digests[0])",
                "created on 2024-01-01, 366 days ago; 180d is allowed",
            ]
        )
    }

    @Test("A mirror is asked for images by the names that they have there")
    func mirror() async throws {
        let root = try Repository("registry.local/mirror")
        let there = try store.repository("registry.local/mirror/library/nginx")
        let image = there.put(image("there", in: there))
        var settings = Sample.settings(.absent)
        settings.mirror = ImageMirror(root: root) { repository throws(ReferenceError) in
            try Repository("\(root)/\(repository.path)")
        }
        let found = try await report(
            settings,
            [
                "nginx@\(image.digest)", "registry.local/mirror/library/nginx@\(image.digest)",
                "redis@\(image.digest)", "nginx:1",
            ]
        )
        #expect(
            found.messages == [
                "registry.local/mirror/library/redis does not have it",
                "not pinned, so nothing tells whether registry.local/mirror has it",
            ]
        )
    }

    @Test("What gives no answer is unchecked, each once, with its rules")
    func unchecked() async throws {
        store.faults.isDown = true
        let text = "r.io/app:1@\(Sample.digests[0])"
        let found = try await report(Sample.settings(.missing, .drift, .tagGone, .unpinned), [text, text, "r.io/b:1"])
        #expect(found.places == ["KBLD001 app.yml:3"])
        #expect(Set(found.unchecked.map(\.reference)) == [text, "r.io/b:1"])
        #expect(found.unchecked.filter { $0.reference == text }.allSatisfy { $0.placeCount == 2 })
        #expect(found.outcome(by: .init()) == .findings)
        #expect(found.outcome(by: .init(failing: nil)) == .unchecked)
        #expect(found.outcome(by: .init(failing: nil, unchecked: .ok)) == .passed)
        #expect(found.outcome(by: .init(failing: nil, unchecked: .fail)) == .findings)
    }

    @Test("For what is ignored nobody is asked")
    func ignored() async throws {
        var settings = Sample.settings(.newer, .missing)
        settings.ignored = [try IgnoredFinding("*:r.io/**")]
        _ = try await report(settings, ["r.io/app:1.0.0@\(Sample.digests[0])"])
        #expect(store.requests.isEmpty)
    }
}
