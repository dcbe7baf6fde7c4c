import ContainerImage
import ImageStore
import KbldWorkflows
import PackageReport
import Packages
import TestSupport
import Testing

@Suite("Looking at packages and documents")
struct LookingTests {
    private let folder: Folder
    private let lines: Lines
    private let store = MemoryStore()

    init() throws { (folder, lines) = (try Folder(), try Lines()) }

    /// A package of images that come from `r.example`.
    private func package(
        _ name: String,
        of images: [SampleImage],
        bases: [String] = [],
        format: PackageOutputFormat = .kbld
    ) async throws -> String {
        let repository = try store.repository("r.example/app")
        let file = try folder.write(resources(naming: images.map { repository.put($0) }), to: name + ".yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: name))
        options.bases = bases
        options.format = format
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        return folder.path(of: name)
    }

    @Test("A report tells the size of a package, and what its images share")
    func report() async throws {
        let path = try await package("a.tar", of: [SampleImage("base", "one"), SampleImage("base", "three")])
        let (report, remarks) = try await ReportWorkflow(on: path, atMost: 1, in: lines.context).run(progress: nil)
        let size = try await PackageVerification(path: path, atMost: 1).size
        #expect(report.subject == path && report.packageBytes == size)
        #expect(report.totals.images == 2 && report.totals.layers == 3)
        #expect(report.totals.layerBytes == 12 && report.totals.savedBytes == 4)
        #expect(remarks.isEmpty)
    }

    @Test("Two packages differ by what one of them has; a layout is compared with a tarball")
    func diff() async throws {
        let (one, two, three) = (try SampleImage("one"), try SampleImage("two"), try SampleImage("three"))
        let before = try await package("a.tar", of: [one, two])
        let after = try await package("b.tar", of: [two, three], format: .oci)
        let diff = try await DiffWorkflow(before, after, atMost: 1, in: lines.context).run(progress: nil)
        #expect(diff.sides == [before, after] && diff.unchanged == 1 && diff.changes.map(\.kind) == [.changed])
        #expect(diff.addedLayers.bytes == 5 && diff.removedLayers.bytes == 3 && diff.keptLayers.bytes == 3)
        let same = try await DiffWorkflow(before, before, atMost: 1, in: lines.context).run(progress: nil)
        #expect(same.changes.isEmpty && same.unchanged == 2)
    }

    @Test("A delta and its base come to a whole package")
    func merge() async throws {
        let (old, new) = (try SampleImage("base", "one"), try SampleImage("base", "two"))
        let base = try await package("base.tar", of: [old])
        let delta = try await package("delta.tar", of: [new], bases: [base])
        #expect(try await AnyPackage(path: delta).metadata.omittedDigests.count == 1)
        for (keepsAll, digests) in [(false, [new.digest]), (true, [old.digest, new.digest])] {
            let output = folder.path(of: "whole.tar")
            let work = try await MergeWorkflow([base, delta], to: output, keepingAll: keepsAll, log: lines.sink)
            #expect(work.count == digests.count)
            try await work.run(progress: nil)
            let verification = try await PackageVerification(recognizing: output, atMost: 1)
            #expect(verification.findings == [])
            #expect(Set(verification.trees.map(\.manifest.digest)) == Set(digests))
        }
        #expect(lines.all.last?.hasPrefix("merging 2 images of \(base), \(delta)") == true)
    }

    @Test("Only kbld's own tarballs are merged; another package is named with its format")
    func otherFormat() async throws {
        let image = try SampleImage("one")
        let (own, layout) = (
            try await package("a.tar", of: [image]), try await package("b.tar", of: [image], format: .oci)
        )
        let error = await #expect(throws: (any Error).self) {
            try await MergeWorkflow([own, layout], to: folder.path(of: "c.tar"), keepingAll: false, log: lines.sink)
        }
        #expect(error.map { "\($0)" }?.hasPrefix("Merging '\(layout)': its format is ") == true)
    }

    @Test("A package that lacks images of the documents is told so")
    func verification() async throws {
        let path = try await package("a.tar", of: [SampleImage("one")])
        let other = "r.example/app@\(try SampleImage("two").digest)"
        var options = VerifyWorkflow.Options(package: path)
        options.files = [try folder.write(resources(naming: [other]), to: "other.yml")]
        let findings = try await VerifyWorkflow(options, in: lines.context).verifyPackage(progress: nil)
        #expect(findings.verification.errors.map(\.kind) == [.document])
    }

    @Test("References are listed with what is noted of their origins, sorted by themselves and their resources")
    func listing() async throws {
        let digest = "sha256:" + String(repeating: "7", count: 64)
        let file = try folder.write(
            """
            kind: Pod
            apiVersion: v1
            metadata:
              name: web
              namespace: prod
              annotations:
                kbld.k14s.io/images: |
                  - origins:
                    - resolved:
                        tag: "1.0"
                        url: nginx:1.0
                    url: nginx@\(digest)
            spec: {image: nginx@\(digest)}
            ---
            kind: Job
            apiVersion: batch/v1
            metadata: {generateName: run-}
            spec: {containers: [{image: nginx@\(digest)}, {image: app}]}
            """,
            to: "app.yml"
        )
        let entries = try await ListingWorkflow(of: [file], in: lines.context).entries
        #expect(entries.map(\.reference) == ["app", "nginx@\(digest)", "nginx@\(digest)"])
        let (job, pod) = ("job/run-* (batch/v1) cluster", "pod/web (v1) namespace: prod")
        #expect(entries.map(\.resource) == [job, job, pod])
        #expect(entries.map(\.origins.isEmpty) == [true, true, false])
        #expect(entries.last?.origins == "- resolved:\n    tag: \"1.0\"\n    url: nginx:1.0")
    }
}
