import ContainerImage
import KbldWorkflows
import TestSupport
import Testing

@Suite("The references whose images are packaged")
struct PackagedReferencesTests {
    private let images: [DigestReference]

    init() throws {
        images = try ["one", "two"].map { try MemoryStore().repository("r.example/\($0)").put(SampleImage($0)) }
    }

    @Test("Those of the resources and those that locks give, each once, sorted")
    func found() throws {
        let text = resources(naming: [images[1], images[1]]) + "---\n" + lock(of: images)
        let references = try PackagedReferences(try documents(text))
        #expect(references.texts == images.map(\.description))
        #expect(references.count == 2)
        #expect(references.all == images)
    }

    @Test("One image under two names is two references")
    func twoNames() throws {
        let short = DigestReference(repository: try Repository("nginx"), digest: images[0].digest)
        let long = "docker.io/library/nginx@\(images[0].digest)"
        let references = try PackagedReferences(try documents(resources(naming: [long, "nginx@\(short.digest)"])))
        #expect(references.count == 2)
        #expect(references.all == [short])
        #expect(references.images == [long: short, "nginx@\(short.digest)": short])
    }

    @Test("A reference by tag must be resolved first", arguments: ["nginx:1.29", "nginx"])
    func tag(reference: String) throws {
        let manifests = try documents(resources(naming: [reference]))
        let error = #expect(throws: UnresolvedReferenceError.self) { try PackagedReferences(manifests) }
        #expect(error?.reference == reference)
        #expect(error?.message.hints == [.resolve])
        #expect(
            error?.description
                == "Image '\(reference)' must be in digest form (image@sha256:…), in app.yml, Pod; resolve it first"
        )
    }

    @Test("What is not a reference at all is reported as such")
    func malformed() throws {
        let manifests = try documents(resources(naming: ["r.example/UPPER@sha256:1"]))
        let error = #expect(throws: UnresolvedReferenceError.self) { try PackagedReferences(manifests) }
        #expect(error?.description.hasPrefix("image reference 'r.example/UPPER@sha256:1': ") == true)
    }
}
