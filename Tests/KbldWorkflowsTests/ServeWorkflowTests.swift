import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import NIOCore
import PackageReport
import Packages
import RegistryServer
import TestSupport
import Testing

@Suite("Packages and folders as registries")
struct ServeWorkflowTests {
    private let folder: Folder
    private let lines: Lines
    private let image: SampleImage
    private let index: SampleIndex
    private let package: String

    /// A package of an image and an index.
    init() async throws {
        (folder, lines) = (try Folder(), try Lines())
        image = try SampleImage("one", "two")
        index = SampleIndex(try ["linux/amd64", "linux/arm64"].map { try SampleImage($0, platform: $0) })
        let store = MemoryStore()
        let references = [
            try store.repository("a.example/one").put(image), try store.repository("b.example/all").put(index),
        ]
        package = folder.path(of: "images.tar")
        let file = try folder.write(resources(naming: references), to: "app.yml")
        try await PackageWorkflow(.init(files: [file], output: package), in: Lines().context).run(
            from: store,
            progress: nil
        )
    }

    @Test("A package's images are served under their repositories, byte for byte; they come to the same package")
    func packages() async throws {
        try await serving({ [package] in try await $0.serve(packages: [package], verifying: true) }, telling: lines) {
            [folder, lines, image, index, package] host in
            let names = ["\(host)/one@\(image.digest)", "\(host)/all@\(index.digest)"]
            let file = try folder.write(resources(naming: names), to: "served.yml")
            let copy = folder.path(of: "copy.tar")
            try await PackageWorkflow(.init(files: [file], output: copy), in: lines.context).run(progress: nil)
            let verification = try await PackageVerification(recognizing: copy, atMost: 1)
            #expect(verification.findings == [])
            #expect(Set(verification.trees.map(\.manifest.digest)) == [image.digest, index.digest])
            let original = try await PackageVerification(recognizing: package, atMost: 1)
            #expect(verification.layerBytes == original.layerBytes)
            // A package records no tags of its own, but each image has one that tells its digest.
            let tag = "\(host)/one:kbld-sha256-\(image.digest.hex)"
            let report = try await ReportWorkflow(on: tag, atMost: 2, in: lines.context).run(progress: nil).report
            #expect(report.images.map(\.digest) == [image.digest] && report.packageBytes == nil)
        }
        #expect(lines.all.first == "2 images of '\(package)', verified")
    }

    @Test("Behind a gate a layer is given only when all its bytes are its digest's, also after they were written to")
    func alteredLayers() async throws {
        let opened = try await AnyPackage(path: package)
        let layer = try #require(image.parsed.layers.first)
        let place = try #require(try await opened.place(of: layer))
        let content = await PackageContent([opened], verifying: true)
        let plain = await PackageContent([opened])
        func read(_ content: PackageContent, _ range: Range<Int64>) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            for try await chunk in try await content.content(of: layer.digest, in: range) {
                bytes += chunk.readableBytesView
            }
            return bytes
        }
        #expect(try await read(content, 0..<layer.size) == Array("one".utf8))
        #expect(try await read(content, 1..<2) == Array("n".utf8))
        // The kernel alone would send what is there.
        #expect(try await content.place(of: layer.digest) == nil)
        #expect(try await plain.place(of: layer.digest) != nil)

        let url = URL(filePath: package)
        for (time, (text, isGood)) in [("onE", false), ("one", true), ("One", false)].enumerated() {
            var bytes = try Data(contentsOf: url)
            bytes.replaceSubrange(Int(place.offset)..<Int(place.offset + 3), with: Data(text.utf8))
            try bytes.write(to: url)
            let date = Date(timeIntervalSince1970: Double(time + 1))
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: package)
            for range in [0..<layer.size, 1..<2] {
                if isGood {
                    let expected = Array(text.utf8.dropFirst(Int(range.lowerBound)).prefix(range.count))
                    #expect(try await read(content, range) == expected)
                } else {
                    await #expect(throws: ArchiveError.self) { try await read(content, range) }
                }
            }
        }
        #expect(try await read(plain, 0..<layer.size) == Array("One".utf8))
    }

    /// Documents that tell a tag of the image, and of one that no package has.
    private func tagged() throws -> String {
        let urls = ["a.example/one@\(image.digest)", "a.example/gone@\(Digest(of: [1]))"]
        return "metadata:\n  annotations:\n    kbld.k14s.io/images: |\n"
            + urls.map { "      - {url: '\($0)', origins: [resolved: {url: x, tag: '1.0'}]}\n" }.joined()
    }

    @Test("Documents tell tags; what no package has doesn't come to be there")
    func documentTags() async throws {
        let tags = try documents(tagged())
        try await serving(
            { [package] in try await $0.serve(packages: [package], verifying: false, taggedBy: tags) },
            telling: lines
        ) { [lines, image] host in
            for name in ["one:1.0", "a.example/one:1.0"] {
                let report = try await ReportWorkflow(on: "\(host)/\(name)", atMost: 2, in: lines.context)
                    .run(progress: nil).report
                #expect(report.images.map(\.digest) == [image.digest])
            }
            for name in ["one:2.0", "gone:1.0", "all:1.0"] {
                await #expect(throws: (any Error).self) {
                    try await ReportWorkflow(on: "\(host)/\(name)", atMost: 2, in: lines.context).run(progress: nil)
                }
            }
        }
        #expect(lines.all.contains("1 tag"))
    }

    @Test("A package that records tags has them where it is served", arguments: [PackageOutputFormat.kbld, .oci])
    func recordedTags(format: PackageOutputFormat) async throws {
        let store = MemoryStore()
        let reference = try store.repository("a.example/one").put(image)
        let file = try folder.write(tagged() + "---\n" + resources(naming: [reference]), to: "tagged.yml")
        let output = folder.path(of: "tagged.tar")
        var options = PackageWorkflow.Options(files: [file], output: output)
        options.recordsTags = true
        options.format = format
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        #expect(lines.all.contains("recording 1 tag"))
        #expect(try await PackageVerification(recognizing: output, atMost: 1).findings == [])
        try await serving({ try await $0.serve(packages: [output], verifying: false) }, telling: lines) {
            [lines, image] host in
            let report = try await ReportWorkflow(on: "\(host)/one:1.0", atMost: 2, in: lines.context)
                .run(progress: nil).report
            #expect(report.images.map(\.digest) == [image.digest])
        }
        #expect(lines.all.contains("1 tag"))
    }

    @Test("Merged packages keep their tags")
    func mergedTags() async throws {
        let store = MemoryStore()
        let reference = try store.repository("a.example/one").put(image)
        let file = try folder.write(tagged() + "---\n" + resources(naming: [reference]), to: "tagged.yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: "tagged.tar"))
        options.recordsTags = true
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        let merged = folder.path(of: "merged.tar")
        let inputs = [package, folder.path(of: "tagged.tar")]
        try await MergeWorkflow(inputs, to: merged, keepingAll: true, log: lines.sink).run(progress: nil)
        #expect(try await AnyPackage(path: merged).metadata.tags == [.init(tag: try Tag("1.0"), image: reference)])
    }

    @Test("A package without tags is served with a line that says how to have some")
    func noTags() async throws {
        try await serving({ [package] in try await $0.serve(packages: [package], verifying: false) }, telling: lines) {
            _ in
        }
        #expect(lines.all.contains { $0.hasPrefix("no image has a tag: pull by digest") }, "\(lines.all)")
    }

    @Test("What is pushed to memory or a folder is there, and is found whole", arguments: [true, false])
    func storage(inFolder: Bool) async throws {
        let storage = inFolder ? folder.path(of: "registry") : nil
        try await serving({ try await $0.serve(folder: storage) }, telling: lines) {
            [folder, lines, package, image] host in
            let repository = try Repository("\(host)/team/app")
            let options = UnpackageWorkflow.Options(
                files: [folder.path(of: "app.yml")],
                input: package,
                destination: DestinationPlan(in: repository)
            )
            let work = try await UnpackageWorkflow(options, in: lines.context)
            try await work.run(progress: nil)
            let documents = try work.documents().joined()
            #expect(documents.contains("image: \(repository)@\(image.digest)\n"))
            var verification = VerifyWorkflow.Options(package: package)
            verification.files = [folder.path(of: "app.yml")]
            verification.isDeep = true
            for (name, isWhole) in [("team/app", true), ("team/other", false)] {
                verification.destination = RepositoryRoot(try Repository("\(host)/\(name)"))
                let comparison = try await VerifyWorkflow(verification, in: lines.context)
                let inside = try await comparison.verifyPackage(progress: nil)
                #expect(inside.verification.findings == [] && inside.outcome == nil)
                let outside = try await comparison.compareRepository(with: inside, progress: nil)
                #expect(outside.verification.errors.isEmpty == isWhole && outside.outcome != nil)
            }
        }
    }

    @Test("The file that says where it listens is written once it does")
    func readyFile() async throws {
        var options = ServeWorkflow.Options(host: "127.0.0.1", port: 0)
        options.readyFile = folder.path(of: "ready")
        try await serving({ try await $0.serve(folder: nil) }, by: options, telling: lines) { [folder] host in
            let text = try folder.text(of: "ready")
            #expect(text == host + "\n")
        }
    }

    @Test("A damaged package is refused where its layers are read first; it is named")
    func damaged() async throws {
        let layer = try #require(try await AnyPackage(path: package).heldLayers.first)
        let place = try #require(try await AnyPackage(path: package).place(of: layer))
        var bytes = Array(try Data(contentsOf: URL(filePath: package)))
        bytes[Int(place.offset)] ^= 1
        try Data(bytes).write(to: URL(filePath: package))
        let error = await #expect(throws: ArchiveError.self) {
            try await serving({ [package] in try await $0.serve(packages: [package], verifying: true) }, telling: lines)
            { _ in }
        }
        #expect(error?.description.contains(package) == true)
    }

    @Test("A delta whose layers no other package has is served, and a line says so; with its base none does")
    func deltas() async throws {
        let store = MemoryStore()
        let reference = try store.repository("a.example/one").put(image)
        let file = try folder.write(resources(naming: [reference]), to: "delta.yml")
        let delta = folder.path(of: "delta.tar")
        var options = PackageWorkflow.Options(files: [file], output: delta)
        options.bases = [package]
        try await PackageWorkflow(options, in: Lines().context).run(from: store, progress: nil)
        for (packages, count) in [([delta], 1), ([delta, package], 0)] {
            let lines = try Lines()
            try await serving({ try await $0.serve(packages: packages, verifying: false) }, telling: lines) { _ in }
            let told = lines.all.filter { $0.hasSuffix("is a delta: 2 of its layers are not in any served package") }
            #expect(told.count == count)
        }
    }

    @Test("Passwords that would pass over a network in plain text are warned of; users that can't be read are refused")
    func passwords() async throws {
        var options = ServeWorkflow.Options(host: "0.0.0.0", port: 0)
        let hash = "$2y$05$" + String(repeating: "a", count: 53)
        options.passwords = try folder.write("alice:\(hash)\n", to: "users")
        try await serving({ try await $0.serve(folder: nil) }, by: options, telling: lines) { _ in }
        #expect(lines.all.first?.hasPrefix("passwords pass over the network in plain text") == true)
        options.passwords = folder.path(of: "nobody")
        await #expect(throws: (any Error).self) {
            try await serving({ try await $0.serve(folder: nil) }, by: options, telling: lines) { _ in }
        }
    }

    @Test("A port that another has is an error that names it")
    func busyPort() async throws {
        try await serving({ try await $0.serve(folder: nil) }, telling: lines) { [lines] host in
            let port = try #require(host.split(separator: ":").last.flatMap { UInt16($0) })
            let options = ServeWorkflow.Options(host: "127.0.0.1", port: port)
            let error = await #expect(throws: (any Error).self) {
                try await serving({ try await $0.serve(folder: nil) }, by: options, telling: lines) { _ in }
            }
            #expect(error.map { "\($0)" }?.hasPrefix("Listening on \(host): Address already in use. ") == true)
        }
    }
}
