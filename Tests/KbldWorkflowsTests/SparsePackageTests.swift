import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages
import TestSupport
import Testing

@Suite("Packing some platforms of an index under its own digest")
struct SparsePackageTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let images: [SampleImage]
    private let index: SampleIndex
    private let reference: DigestReference
    private let lines: Lines

    init() throws {
        lines = try Lines()
        folder = try Folder()
        images = try ["linux/amd64", "linux/arm64", "linux/arm/v7"].map { try SampleImage($0, platform: $0) }
        index = SampleIndex(images)
        reference = try store.repository("a.example/app").put(index)
    }

    private func package(
        _ platforms: String...,
        to name: String = "images.tar",
        _ change: (inout PackageWorkflow.Options) -> Void = { _ in }
    ) async throws -> String {
        let file = try folder.write(resources(naming: [reference]), to: "app.yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: name))
        options.artifacts.platforms = try platforms.map { text throws(PlatformError) in try Platform(text) }
        options.artifacts.isSparse = true
        change(&options)
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        return folder.path(of: name)
    }

    private func unpackage(_ path: String) async throws -> UnpackageWorkflow {
        let options = UnpackageWorkflow.Options(
            files: [folder.path(of: "app.yml")],
            input: path,
            destination: DestinationPlan(in: try Repository("to.example/app"))
        )
        return try await UnpackageWorkflow(options, in: lines.context)
    }

    @Test("It is installed under the index's digest, and nothing else of it", arguments: PackageOutputFormat.allCases)
    func roundTrip(format: PackageOutputFormat) async throws {
        store.faults.takesSparseIndexes = true
        let path = try await package("linux/arm64") { $0.format = format }
        #expect(lines.all.contains("keeping 1 of the 3 images of \(reference), under its own digest"))
        let package = try await AnyPackage(path: path)
        let absent = Set([images[0], images[2]].map(\.digest))
        #expect(package.metadata.absentDigests == absent && Set(package.trees[0].absent.map(\.digest)) == absent)
        let work = try await unpackage(path)
        try await work.run(to: store, progress: nil)
        let there = try store.repository("to.example/app").content
        #expect(Set(there.manifests.keys) == [index.digest, images[1].digest])
        #expect(try work.documents().joined().contains("image: to.example/app@\(index.digest)"))
        // Once more: it is there.
        store.forgetRequests()
        try await unpackage(path).run(to: store, progress: nil)
        #expect(store.subjects(of: .upload).isEmpty && store.subjects(of: .push).isEmpty)
    }

    @Test("A registry that takes none is named, and nothing is tagged")
    func refusal() async throws {
        let path = try await package("linux/arm64")
        let work = try await unpackage(path)
        let error = await #expect(throws: RelocationError.self) { try await work.run(to: store, progress: nil) }
        #expect(error?.cause is SparseIndexError && error?.message.hints == [.filterIndex, .changeDigest])
        let there = try store.repository("to.example/app").content
        #expect(Set(there.manifests.keys) == [images[1].digest] && there.tags.isEmpty)
    }

    @Test("Verifying notes what is absent, and finds no fault", arguments: PackageOutputFormat.allCases)
    func verified(format: PackageOutputFormat) async throws {
        let path = try await package("linux/arm64") { $0.format = format }
        let outcome = try await PackageVerification(recognizing: path, atMost: 2)
        #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.warnings.filter { $0.kind == .absent }.count == 2)
    }

    @Test("What is left out has one list, and an attestation that is gone at the source is in it")
    func attestations() async throws {
        let there = try SampleImage("attested", platform: "unknown/unknown")
        let gone = try SampleImage("gone", platform: "unknown/unknown")
        let repository = try store.repository("a.example/attested")
        let subject = #","annotations":{"vnd.docker.reference.digest":"\#(images[0].digest)"}}"#
        let entries = [images[0], images[1], there, gone].map { image in
            var entry = image.manifest.descriptor
            entry.platform = image.platform
            let isAttestation = image.digest == there.digest || image.digest == gone.digest
            return isAttestation ? entry.json.dropLast() + subject : entry.json
        }
        let text = entries.joined(separator: ",")
        let manifest = RawManifest(
            mediaType: .ociIndex,
            bytes: Array(#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(text)]}"#.utf8)
        )
        for image in [images[0], images[1], there] { repository.put(image) }
        let reference = repository.put(manifest)
        let file = try folder.write(resources(naming: [reference]), to: "attested.yml")
        let path = try await package("linux/amd64") { $0.files = [file] }
        #expect(
            lines.all.contains("not including the attestation \(gone.digest) of \(reference): it isn't there any more")
        )
        let read = try await AnyPackage(path: path)
        #expect(Set(read.trees.flatMap(\.images).map(\.manifest.digest)) == [images[0].digest, there.digest])
        #expect(read.metadata.absentDigests == [images[1].digest, gone.digest])
        let notes = String(decoding: try read.metadata.encoded(), as: UTF8.self)
        let first = try #require(read.metadata.absent?.first)
        #expect(
            notes.hasPrefix(#"{"leftOut":[{"digest":"\#(first.digest)","index":"\#(reference.digest)","platform":""#)
        )
    }

    @Test("What isn't noted as absent is missing")
    func unnoted() async throws {
        let path = try await package("linux/arm64")
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        // The note of one entry becomes that of another: as many bytes.
        let digest = images[0].digest.hex
        let altered = text.replacing(
            #"{"digest":"sha256:\#(digest)""#,
            with: #"{"digest":"sha256:\#(String(digest.reversed()))""#
        )
        #expect(altered != text)
        try Data(altered.utf8).write(to: URL(filePath: path))
        let error = await #expect(throws: ArchiveError.self) { try await AnyPackage(path: path) }
        #expect(error?.description.contains("refers to \(images[0].digest), which is not in the package") == true)
        let outcome = try await PackageVerification(recognizing: path, atMost: 2)
        #expect(outcome.errors.contains { $0.kind == .missing })
    }

    @Test("Merged, two of them are the fuller index of the same digest")
    func merged() async throws {
        let one = try ArchiveReader(path: try await package("linux/amd64", to: "one.tar"))
        let two = try ArchiveReader(path: try await package("linux/arm64", to: "two.tar"))
        let both = try MergedArchives([one, two], keepingAll: true)
        #expect(both.trees.map(\.manifest.digest) == [index.digest])
        #expect(both.trees.flatMap(\.images).map(\.manifest.digest) == images.prefix(2).map(\.digest))
        #expect(both.metadata.absent?.map(\.digest) == [images[2].digest])
    }

    @Test("All platforms make the package that it is without them")
    func whole() async throws {
        let sparse = try await package("linux/amd64", "linux/arm64", "linux/arm/v7", to: "sparse.tar")
        let whole = try await package(to: "whole.tar") { $0.artifacts.isSparse = false }
        #expect(try Data(contentsOf: URL(filePath: sparse)) == Data(contentsOf: URL(filePath: whole)))
    }
}
