import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldConfiguration
import KbldWorkflows
import Packages
import ReferenceChecks
import Signatures
import TestSupport
import Testing

@Suite("Packing images and installing them elsewhere")
struct PackagingTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let image: SampleImage
    private let index: SampleIndex
    private let references: [DigestReference]
    private let lines: Lines

    init() throws {
        lines = try Lines()
        folder = try Folder()
        image = try SampleImage("one")
        index = SampleIndex(try ["linux/amd64", "linux/arm64"].map { try SampleImage($0, platform: $0) })
        references = [
            try store.repository("a.example/one").put(image), try store.repository("b.example/all").put(index),
        ]
    }

    private func package(
        to name: String,
        _ change: (inout PackageWorkflow.Options) -> Void = { _ in }
    ) async throws -> String {
        let file = try folder.write(resources(naming: references), to: "app.yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: name))
        change(&options)
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        return folder.path(of: name)
    }

    private func unpackage(_ path: String, to root: String) throws -> UnpackageWorkflow.Options {
        var options = UnpackageWorkflow.Options(
            files: [folder.path(of: "app.yml")],
            input: path,
            destination: DestinationPlan(in: try Repository(root))
        )
        options.lockOutput = folder.path(of: "lock.yml")
        return options
    }

    @Test("A package of either format is installed under the same digests", arguments: PackageOutputFormat.allCases)
    func roundTrip(format: PackageOutputFormat) async throws {
        let path = try await package(to: "images.tar") { $0.format = format }
        #expect(lines.all.first == "exporting 2 images...")
        let work = try await UnpackageWorkflow(unpackage(path, to: "to.example/app"), in: lines.context)
        #expect(work.count == 2)
        try await work.run(to: store, progress: nil)
        let there = try store.repository("to.example/app").content
        #expect(Set(there.manifests.keys).isSuperset(of: references.map(\.digest)))
        let texts = try work.documents()
        #expect(texts.count == 2)
        #expect(texts.joined().contains("image: to.example/app@\(image.digest)"))
        #expect(try folder.text(of: "lock.yml").contains("newImage: to.example/app@\(index.digest)"))
    }

    @Test("No layer is hashed a second time when it is uploaded", arguments: PackageOutputFormat.allCases)
    func hashedOnce(format: PackageOutputFormat) async throws {
        let path = try await package(to: "images.tar") { $0.format = format }
        try await UnpackageWorkflow(unpackage(path, to: "to.example/app"), in: lines.context)
            .run(to: store, progress: nil)
        let layers = Set(([image] + index.allImages).flatMap(\.parsed.layers).map(\.digest))
        #expect(Set(store.subjects(of: .upload)).isSuperset(of: layers.map(\.description)))
        #expect(layers.isDisjoint(with: store.hashedBlobs))
    }

    @Test("An altered layer is never sent; no manifest and no tag arrives", arguments: PackageOutputFormat.allCases)
    func altered(format: PackageOutputFormat) async throws {
        let path = try await package(to: "images.tar") { $0.format = format }
        let package = try await AnyPackage(path: path)
        let layer = try #require(package.trees.flatMap(\.images).first?.parsed.layers.first)
        let place = try #require(try await package.place(of: layer))
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        bytes[Int(place.offset)] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        let work = try await UnpackageWorkflow(unpackage(path, to: "to.example/app"), in: lines.context)
        let error = await #expect(throws: ArchiveError.self) { try await work.run(to: store, progress: nil) }
        #expect(error?.description.contains("'\(path)', entry '\(package.entryName(of: layer))'") == true)
        #expect(!store.subjects(of: .upload).contains(layer.digest.description))
        let there = try store.repository("to.example/app").content
        #expect(there.blobs[layer.digest] == nil && there.manifests.isEmpty && there.tags.isEmpty)
    }

    @Test("An OCI layout goes into a folder where there is one, or the name ends as a folder's", arguments: ["", "/"])
    func layoutFolder(suffix: String) async throws {
        if suffix.isEmpty {
            try FileManager.default.createDirectory(atPath: folder.path(of: "out"), withIntermediateDirectories: false)
        }
        _ = try await package(to: "out" + suffix) { $0.format = .oci }
        #expect(try folder.text(of: "out/oci-layout").contains("imageLayoutVersion"))
        #expect(try await AnyPackage(path: folder.path(of: "out")).trees.count == 2)
    }

    @Test("A plan tells the size of the package without fetching a layer")
    func plan() async throws {
        let path = try await package(to: "images.tar")
        store.forgetRequests()
        var options = PackageWorkflow.Options(files: [folder.path(of: "app.yml")], output: nil)
        options.concurrency = 2
        let plan = try await PackageWorkflow(options, in: lines.context).plan(in: store, progress: nil)
        #expect(plan.size == Int64(try Data(contentsOf: URL(filePath: path)).count))
        let configs = Set(([image] + index.allImages).map(\.parsed.config.digest.description))
        #expect(Set(store.subjects(of: .readBlob)).isSubset(of: configs))
    }

    @Test("A plan counts the signature that the package would have")
    func signedPlan() async throws {
        let key = folder.path(of: "rel.key")
        try Data(SigningKey.generate().privateKey.utf8).write(to: URL(filePath: key))
        let path = try await package(to: "images.tar") { $0.signing.key = key }
        var options = PackageWorkflow.Options(files: [folder.path(of: "app.yml")], output: nil)
        options.signing.key = key
        let plan = try await PackageWorkflow(options, in: lines.context).plan(in: store, progress: nil)
        #expect(plan.size == Int64(try Data(contentsOf: URL(filePath: path)).count))
        #expect(try await AnyPackage(path: path).seal()?.signature != nil)
    }

    @Test("A delta leaves out what its base has, and says so")
    func delta() async throws {
        let path = try await package(to: "delta.tar") { $0.bases = ["a.example/one"] }
        #expect(lines.all.contains { $0.hasPrefix("omitting 1 of 3 layers (3 B)") })
        let delta = try await AnyPackage(path: path)
        #expect(delta.metadata.omittedDigests == [Digest(of: image.layers[0])])
        // The layer is taken from the repository that is named.
        var options = try unpackage(path, to: "to.example/app")
        options.baseRepositories = [try Repository("a.example/one")]
        try await UnpackageWorkflow(options, in: lines.context).run(to: store, progress: nil)
        let there = try store.repository("to.example/app").content
        #expect(there.blobs[Digest(of: image.layers[0])] == image.layers[0])
    }

    @Test("Documents that name other images are refused before anything is asked of a registry")
    func missing() async throws {
        let path = try await package(to: "images.tar")
        store.forgetRequests()
        var options = try unpackage(path, to: "to.example/app")
        let other = "a.example/one@\(Digest(of: [1]))"
        options.files = [try folder.write(resources(naming: [other]), to: "other.yml")]
        let error = await #expect(throws: MissingImagesError.self) {
            try await UnpackageWorkflow(options, in: lines.context)
        }
        #expect(error?.references == [other])
        #expect(store.requests.isEmpty)
    }

    @Test("Relocating needs no file between")
    func relocate() async throws {
        let file = try folder.write(resources(naming: references), to: "app.yml")
        let plan = DestinationPlan(in: try Repository("to.example/app"), layout: .mirror)
        let options = RelocateWorkflow.Options(files: [file], destination: plan)
        let work = try await RelocateWorkflow(options, in: lines.context)
        let images = try await work.run(in: store, progress: nil).images
        #expect(images[references[0].description]?.url == "to.example/app/one@\(image.digest)")
        #expect(try store.repository("to.example/app/all").content.manifests[index.digest] != nil)
        #expect(lines.all.last == "imported 2 images")
        #expect(try work.documents(with: images).joined().contains("to.example/app/one@\(image.digest)"))
    }

    @Test("Of images that aren't taken, documents keep the references, and locks have none", arguments: [true, false])
    func part(relocates: Bool) async throws {
        let file = try folder.write(resources(naming: references), to: "app.yml")
        let plan = DestinationPlan(in: try Repository("to.example/app"))
        let lock = folder.path(of: "lock.yml")
        let texts: [String]
        if relocates {
            var options = RelocateWorkflow.Options(files: [file], destination: plan)
            (options.names, options.lockOutput) = ([NamePattern("one")], lock)
            let work = try await RelocateWorkflow(options, in: lines.context)
            texts = try work.documents(with: try await work.run(in: store, progress: nil).images)
        } else {
            let package = folder.path(of: "images.tar")
            try await PackageWorkflow(.init(files: [file], output: package), in: lines.context)
                .run(from: store, progress: nil)
            var options = UnpackageWorkflow.Options(files: [file], input: package, destination: plan)
            (options.part.names, options.lockOutput) = ([NamePattern("one")], lock)
            let work = try await UnpackageWorkflow(options, in: lines.context)
            try await work.run(to: store, progress: nil)
            texts = try work.documents()
        }
        #expect(texts.joined().contains("to.example/app@\(image.digest)"))
        #expect(texts.joined().contains("\(references[1])"))
        let locked = try folder.text(of: "lock.yml")
        #expect(locked.contains("to.example/app@\(image.digest)") && !locked.contains("\(index.digest)"))
        #expect(try store.repository("to.example/app").content.manifests[index.digest] == nil)
        #expect(lines.all.contains { $0.hasSuffix("\(references[1]): it matches none of the names") })
    }

    @Test("A pattern that no image of the documents matches is refused, with what there is")
    func unmatched() async throws {
        let file = try folder.write(resources(naming: references), to: "app.yml")
        var options = RelocateWorkflow.Options(files: [file], destination: .init(in: try Repository("to.example/app")))
        options.names = [NamePattern("two")]
        let context = lines.context
        await #expect { _ = try await RelocateWorkflow(options, in: context) } throws: {
            "\($0)" == "The documents have no image that matches 'two'; they have a.example/one, b.example/all"
        }
    }
}
