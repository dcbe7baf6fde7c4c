import ContainerImage
import ImageStore
import KbldConfiguration
import Resolution
import Synchronization
import TestSupport
import Testing

@Suite("Resolving references")
struct ImageResolverTests {
    private let store = MemoryStore()
    private let repository: MemoryRepository
    private let images: [SampleImage]
    private let index: SampleIndex

    init() throws {
        repository = try store.repository("registry.example/app")
        images = try ["linux/amd64", "linux/arm64"].map { try SampleImage($0, platform: $0) }
        index = SampleIndex(images)
        repository.put(index, tag: "v1")
    }

    private func resolve(
        _ references: String...,
        by configuration: Configuration = Configuration(),
        platform: String? = nil,
        build: ImageResolver.Build? = nil
    ) async throws -> [String: ResolvedImage] {
        try await ImageResolver(
            configuration: configuration,
            registry: store,
            platform: try platform.map { text throws(PlatformError) in try Platform(text) },
            build: build
        ).resolve(references, atMost: 4)
    }

    private func failures(_ body: () async throws -> [String: ResolvedImage]) async throws -> [ReferenceResolutionError]
    {
        let error = await #expect(throws: ResolutionError.self) { try await body() }
        return try #require(error).failures
    }

    private func overriding(
        _ image: String,
        with newImage: String = "",
        preresolved: Bool = false,
        versions: String? = nil,
        platform: Platform? = nil
    ) throws -> Configuration {
        let selection = try versions.map { VersionSelection(constraint: try VersionConstraint($0)) }
        return Configuration(overrides: [
            ImageOverride(
                matcher: .image(image),
                newImage: newImage,
                preresolved: preresolved,
                tagSelection: selection,
                platformSelection: platform
            )
        ])
    }

    private var pinned: String { "registry.example/app@\(index.digest)" }

    @Test("a tag becomes the digest that it names, and its origin is noted")
    func tag() async throws {
        let found = try await resolve("registry.example/app:v1")
        #expect(
            found == [
                "registry.example/app:v1": ResolvedImage(
                    url: pinned,
                    origins: [.resolved(url: "registry.example/app:v1", tag: "v1")]
                )
            ]
        )
        #expect(store.requests.map(\.action) == [.resolve])
    }

    @Test("no tag means 'latest'")
    func latest() async throws {
        repository.put(images[0], tag: "latest")
        let found = try await resolve("registry.example/app")["registry.example/app"]
        #expect(found?.url == "registry.example/app@\(images[0].digest)")
    }

    @Test("a reference with a digest stays, without a request")
    func digest() async throws {
        let image = try await resolve(pinned)[pinned]
        #expect(image == ResolvedImage(url: pinned, origins: []))
        #expect(store.requests.isEmpty)
    }

    @Test("each distinct reference is looked up once")
    func repeated() async throws {
        _ = try await resolve("registry.example/app:v1", "registry.example/app:v1", "registry.example/app:v1")
        #expect(store.subjects(of: .resolve) == ["v1"])
    }

    @Test("an override takes the place of a reference before it is looked up")
    func override() async throws {
        let found = try await resolve("app", by: try overriding("app", with: "registry.example/app:v1"))
        #expect(found["app"]?.url == pinned)
    }

    @Test("what is preresolved is final: it isn't looked up, whatever it is")
    func preresolved() async throws {
        let rules = try overriding("app", with: "anything at all", preresolved: true)
        let found = try await resolve("app", by: rules, platform: "linux/amd64")
        #expect(found["app"] == ResolvedImage(url: "anything at all", origins: [.preresolved(url: "anything at all")]))
        #expect(store.requests.isEmpty)
    }

    @Test("the tag of the highest version that is wanted is chosen")
    func tagSelection() async throws {
        for (tag, image) in zip(["1.2.0", "1.10.0", "2.0.0"], [images[0], images[1], images[0]]) {
            repository.put(image, tag: tag)
        }
        let rules = try overriding("app", with: "registry.example/app", versions: "<2.0.0")
        let found = try await resolve("app", by: rules)
        #expect(found["app"]?.url == "registry.example/app@\(images[1].digest)")
        #expect(found["app"]?.origins == [.resolved(url: "registry.example/app:1.10.0", tag: "1.10.0")])
        #expect(store.requests.map(\.action) == [.listTags, .resolve])
    }

    @Test("where no version is wanted, the failure says which there are")
    func noVersion() async throws {
        repository.put(images[0], tag: "1.2.0")
        let rules = try overriding("app", with: "registry.example/app", versions: ">=3.0.0")
        let found = try await failures { try await resolve("app", by: rules) }
        #expect(found.map(\.reference) == ["app"])
        #expect((found[0].cause as? VersionSelectionError)?.versions == ["1.2.0"])
    }

    @Test("the image of an index for a platform is chosen, and where it came from is noted")
    func platform() async throws {
        let found = try await resolve("registry.example/app:v1", platform: "linux/arm64")["registry.example/app:v1"]
        #expect(found?.url == "registry.example/app@\(images[1].digest)")
        #expect(found?.origins.last == .platformSelected(index: pinned, try Platform("linux/arm64")))
    }

    @Test("an override's platform counts before that of the command")
    func overriddenPlatform() async throws {
        let rules = try overriding("registry.example/app:v1", platform: try Platform("linux/amd64"))
        let found = try await resolve("registry.example/app:v1", by: rules, platform: "linux/arm64")
        #expect(found["registry.example/app:v1"]?.url == "registry.example/app@\(images[0].digest)")
    }

    @Test("a single image stays, whatever platform is wanted")
    func singleImage() async throws {
        repository.put(images[0], tag: "single")
        let found = try await resolve("registry.example/app:single", platform: "linux/s390x")
        #expect(found["registry.example/app:single"]?.url == "registry.example/app@\(images[0].digest)")
    }

    @Test("one image must fit the platform: none is a failure, and so are two")
    func unfittingPlatform() async throws {
        let none = try await failures { try await resolve(pinned, platform: "linux/s390x") }
        let error = try #require(none[0].cause as? PlatformSelectionError)
        #expect(error.found == 0 && error.description.hasSuffix("it has linux/amd64, linux/arm64"))
        let twice = SampleIndex([images[0], try SampleImage("other", platform: "linux/amd64")])
        repository.put(twice, tag: "twice")
        let two = try await failures { try await resolve("registry.example/app:twice", platform: "linux/amd64") }
        #expect((two[0].cause as? PlatformSelectionError)?.found == 2)
    }

    @Test("all failures are reported together, in the order of the references")
    func failures() async throws {
        let found = try await failures {
            try await resolve(
                "registry.example/app:v3",
                "Not A Reference",
                "registry.example/app:v1",
                "registry.example/b"
            )
        }
        #expect(found.map(\.reference) == ["Not A Reference", "registry.example/app:v3", "registry.example/b"])
        #expect(found[0].cause is ReferenceError && (found[1].cause as? MemoryStoreError)?.meansAbsence == true)
    }

    @Test("what has a source is built, once for each image, and then looked up no more")
    func builds() async throws {
        let rules = Configuration(sources: [BuildSource(matcher: .image("app"), path: "src")])
        let built = Mutex<[String]>([])
        let pinned = pinned
        let found = try await resolve("app", "app", by: rules) { reference, source, _ in
            built.withLock { $0.append("\(reference) from \(source.path)") }
            return ResolvedImage(url: pinned, origins: [.local(path: source.path)])
        }
        #expect(found["app"] == ResolvedImage(url: pinned, origins: [.local(path: "src")]))
        #expect(built.withLock(\.self) == ["app from src"] && store.requests.isEmpty)
    }

    @Test("no references are counted while there are only images to build")
    func progressOfBuilds() async throws {
        let rules = Configuration(sources: [BuildSource(matcher: .image("app"), path: "src")])
        let progress = TransferProgress()
        let resolver = ImageResolver(
            configuration: rules,
            registry: store,
            platform: nil,
            build: { _, source, _ in
                ResolvedImage(url: "kbld:app", origins: [.local(path: source.path)])
            }
        )
        #expect(try await resolver.resolve(["app"], atMost: 1, progress: progress).count == 1)
        #expect(progress.snapshot.phase == nil)
    }

    @Test("what has a source is a failure where nothing may be built")
    func forbiddenBuild() async throws {
        let rules = Configuration(sources: [BuildSource(matcher: .image("app"), path: "src")])
        let found = try await failures { try await resolve("app", by: rules) }
        #expect(found.count == 1 && found[0].cause is BuildRefusalError)
    }
}
