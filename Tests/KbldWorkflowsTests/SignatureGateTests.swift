import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages
import ReferenceChecks
import Signatures
import TestSupport
import Testing

import enum Crypto.P256

@Suite("The gate that lets signed images through")
struct SignatureGateTests {
    let folder: Folder
    let store = MemoryStore()
    let lines: Lines
    private let key = P256.Signing.PrivateKey()
    private let image: SampleImage
    private let index: SampleIndex
    let references: [DigestReference]

    init() throws {
        (folder, lines) = (try Folder(), try Lines())
        image = try SampleImage("one")
        index = SampleIndex(try ["linux/amd64", "linux/arm64"].map { try SampleImage($0, platform: $0) })
        references = [
            try store.repository("a.example/one").put(image), try store.repository("b.example/all").put(index),
        ]
        _ = try folder.write(key.publicKey.pemRepresentation, to: "team.pub")
        _ = try folder.write(P256.Signing.PrivateKey().publicKey.pemRepresentation, to: "other.pub")
    }

    /// Puts a signature of `subject` under cosign's tag, over a payload for `claimed`.
    func tag(_ subject: DigestReference, claiming claimed: Digest? = nil) throws {
        let payload = Array(
            (#"{"critical":{"identity":{"docker-reference":"\#(subject.repository)"},"image":{"docker-manifest-digest":"#
                + #""\#(claimed ?? subject.digest)"},"type":"cosign container image signature"},"optional":null}"#).utf8
        )
        let signature = try key.signature(for: payload).derRepresentation.base64EncodedString()
        let config = Array("{}".utf8)
        let layer = Descriptor(MediaType("application/vnd.dev.cosign.simplesigning.v1+json"), of: payload)
        let text = #"""
            {"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":\#(Descriptor(.octetStream, of: config).json),\#
            "layers":[\#(layer.json.dropLast()),"annotations":{"dev.cosignproject.cosign/signature":"\#(signature)"}}]}
            """#
        let repository = store.repository(subject.repository)
        repository.content.blobs.merge([Digest(of: payload): payload, Digest(of: config): config]) { first, _ in first }
        repository.put(
            RawManifest(mediaType: .ociManifest, bytes: Array(text.utf8)),
            tag: "\(subject.digest.dashed).sig"
        )
    }

    /// Puts a bundle that refers to `subject`.
    private func bundle(_ subject: RawManifest, in repository: Repository, _ predicate: String) throws {
        let type = "application/vnd.in-toto+json"
        let statement = #"""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"\#(subject.digest.hex)"}}],\#
            "predicateType":"\#(predicate)","predicate":{}}
            """#
        let signed = "DSSEv1 \(type.utf8.count) \(type) \(statement.utf8.count) \(statement)"
        let signature = try key.signature(for: Data(signed.utf8)).derRepresentation.base64EncodedString()
        let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
        let text = #"""
            {"mediaType":"\#(bundleType)","verificationMaterial":{"publicKey":{"hint":"x"}},"dsseEnvelope":\#
            {"payload":"\#(Data(statement.utf8).base64EncodedString())","payloadType":"\#(type)",\#
            "signatures":[{"sig":"\#(signature)"}]}}
            """#
        store.repository(repository).put(
            try SampleImage(
                layers: [Array(text.utf8)],
                config: Array("{}".utf8),
                layerType: bundleType,
                subject: subject,
                artifactType: bundleType
            )
        )
    }

    func options(_ keys: String..., change: (inout SignatureGate.Options) -> Void = { _ in })
        -> SignatureGate.Options
    {
        var options = SignatureGate.Options()
        options.keys = keys.map { folder.path(of: $0) }
        change(&options)
        return options
    }

    func package(
        _ signatures: SignatureGate.Options,
        with others: [DigestReference] = [],
        _ change: (inout PackageWorkflow.Options) -> Void = { _ in }
    ) async throws -> String {
        let file = try folder.write(resources(naming: references + others), to: "app.yml")
        var options = PackageWorkflow.Options(files: [file], output: folder.path(of: "images.tar"))
        options.signatures = signatures
        change(&options)
        try await PackageWorkflow(options, in: lines.context).run(from: store, progress: nil)
        return folder.path(of: "images.tar")
    }

    func unpackage(_ path: String, _ signatures: SignatureGate.Options) async throws {
        var options = UnpackageWorkflow.Options(
            files: [folder.path(of: "app.yml")],
            input: path,
            destination: DestinationPlan(in: try Repository("to.example/app"))
        )
        options.signatures = signatures
        try await UnpackageWorkflow(options, in: lines.context).run(to: store, progress: nil)
    }

    func refusal(_ body: () async throws -> Void) async -> [String] {
        do {
            try await body()
            return []
        } catch {
            return (error as? UnsignedImagesError)?.lines.map(\.description) ?? ["\(error)"]
        }
    }

    func signAll() throws {
        try tag(references[0])
        try bundle(index.manifest, in: references[1].repository, "https://sigstore.dev/cosign/sign/v1")
    }

    @Test(
        "Signed images are packaged with their signatures, and installed by these",
        arguments: PackageOutputFormat.allCases
    )
    func roundTrip(format: PackageOutputFormat) async throws {
        try signAll()
        let path = try await package(options("team.pub")) { $0.format = format }
        let signed = ["signed: \(references[0]) by team.pub (tag)", "signed: \(references[1]) by team.pub (bundle)"]
        #expect(lines.all.filter { $0.hasPrefix("signed: ") } == signed)
        try await unpackage(path, options("team.pub"))
        #expect(lines.all.filter { $0.hasPrefix("signed: ") } == signed + signed)
        let there = try store.repository("to.example/app").content
        #expect(Set(there.manifests.keys).isSuperset(of: references.map(\.digest)))
    }

    @Test("Nothing is written where an image isn't signed; all that aren't are told")
    func unsigned() async throws {
        try tag(references[1])
        let refused = await refusal { _ = try await package(options("team.pub")) }
        #expect(
            refused == [
                "1 of 2 images not signed as required; nothing was written:",
                "- \(references[0]): looked for a signature by team.pub; found none",
            ]
        )
        #expect(!FileManager.default.fileExists(atPath: folder.path(of: "images.tar")))
        let strangers = await refusal { _ = try await package(options("other.pub")) }
        #expect(strangers.count == 3 && strangers[2].hasSuffix("found 1 signature, by other keys"))
        try tag(references[0], claiming: references[1].digest)
        let swapped = await refusal { _ = try await package(options("team.pub")) }
        #expect(swapped.last?.hasSuffix("found 1 signature, of another digest: \(references[1].digest)") == true)
    }

    @Test("Nothing is sent where signatures didn't come along, or are by others")
    func notAlong() async throws {
        try signAll()
        let plain = try await package(SignatureGate.Options())
        let refused = await refusal { try await unpackage(plain, options("team.pub")) }
        #expect(refused.count == 3 && refused[1].hasSuffix("found none; no signatures came along"))
        let path = try await package(options("team.pub"))
        #expect(await refusal { try await unpackage(path, options("other.pub")) }.count == 3)
        #expect(try store.repository("to.example/app").content.manifests.isEmpty)
        #expect(try store.repository("to.example/app").content.blobs.isEmpty)
    }

    @Test("An index covers its images, and isn't covered by them")
    func children() async throws {
        try tag(references[1])
        let child = DigestReference(repository: references[1].repository, digest: index.images[0].digest)
        let gate = try #require(try SignatureGate(options("team.pub")))
        var selection = ArtifactSelection()
        selection.takesCosign = true
        let read = try await selection.read([references[1], child], from: { store.repository($0) }, atMost: 1)
        let all = try await selection.apply(to: read, from: store, atMost: 1)
        let images = SignatureGate.Images(all.trees, names: all.names, platformFilters: [], named: [child])
        let verdicts = try await gate.verdicts(on: images, from: { store.repository($0) }, atMost: 1)
        #expect(verdicts.map(\.image) == [child, references[1]].sorted())
        #expect(verdicts.allSatisfy { $0.proofs.map(\.subject) == [references[1].digest] })
    }

    @Test("A filtered index isn't signed; one that keeps its bytes is")
    func filtered() async throws {
        try signAll()
        let platforms = [try Platform("linux/amd64")]
        let refused = await refusal {
            _ = try await package(options("team.pub")) { $0.artifacts.platforms = platforms }
        }
        #expect(refused.count == 2 && refused[1].contains("leave of \(references[1])"))
        _ = try await package(options("team.pub")) {
            $0.artifacts.platforms = platforms
            $0.artifacts.isSparse = true
        }
    }

    @Test("An attestation is one more thing to have; the report tells of all")
    func attestations() async throws {
        try signAll()
        let type = "https://slsa.dev/provenance/v1"
        let report = folder.path(of: "report.json")
        let wanted = options("team.pub") {
            $0.attestations = [type]
            $0.report = report
        }
        #expect(await refusal { _ = try await package(wanted) }.count == 3)
        #expect(try folder.text(of: "report.json").contains(#""accepted" : false"#))
        try bundle(image.manifest, in: references[0].repository, type)
        try bundle(index.manifest, in: references[1].repository, type)
        _ = try await package(wanted)
        #expect(lines.all.contains("attested: \(references[0]) by team.pub (bundle, \(type))"))
        #expect(try !folder.text(of: "report.json").contains(#""accepted" : false"#))
    }

    private func check(
        _ texts: [String],
        _ signatures: SignatureGate.Options,
        in package: String? = nil
    ) async throws -> CheckReport {
        let settings = CheckSettings(rules: [.unsigned], now: Timestamp(seconds: 0))
        let file = try folder.write(texts.map { "image: \($0)\n---\n" }.joined(), to: "check.yml")
        var options = CheckWorkflow.Options(selection: SourceFileSelection(names: [file]), settings: settings)
        options.signatures = signatures
        options.package = package
        let work = try await CheckWorkflow(options, in: lines.context)
        #expect(work.asksRegistry == (package == nil))
        return try await package == nil ? work.run(in: store) : work.run()
    }

    @Test("Checks report what isn't signed, in a registry and in a package, and what can't be judged")
    func checks() async throws {
        try signAll()
        let other = try store.repository("a.example/other").put(try SampleImage("other"))
        let texts = (references + [other]).map(\.description)
        let path = try await package(options("team.pub"))
        store.forgetRequests()
        let found = try await check(texts, options("team.pub"))
        #expect(found.findings.map(\.reference) == [other.description])
        #expect(found.findings.map(\.message) == ["looked for a signature by team.pub; found none"])
        #expect(found.unchecked.isEmpty)
        // What an index leads to is covered by its digest, and not asked for.
        let asked = store.subjects(of: .readManifest)
        #expect(index.images.allSatisfy { !asked.contains($0.digest.description) })
        let strangers = try await check(texts, options("other.pub"))
        #expect(strangers.findings.count == 3)
        let inPackage = try await check(texts, options("team.pub"), in: path)
        #expect(inPackage.findings.isEmpty && inPackage.unchecked.map(\.reference) == [other.description])
        let plain = try await package(SignatureGate.Options())
        let unsigned = try await check(Array(texts.prefix(2)), options("team.pub"), in: plain)
        #expect(unsigned.findings.count == 2)
        let policy = #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"x.gpg"}]}"#
        let unsupported = try folder.write(policy, to: "policy.json")
        let undecided = try await check(texts, options { $0.policies = [unsupported] })
        #expect(undecided.findings.isEmpty && undecided.unchecked.count == 3)
        let gone = try await check(["a.example/gone:1"], options("team.pub"))
        #expect(gone.findings.isEmpty && gone.unchecked.count == 1)
    }

    @Test("Without the gate a package has no signatures, and is what it was")
    func parity() async throws {
        let before = try Data(contentsOf: URL(filePath: try await package(SignatureGate.Options())))
        try signAll()
        let after = try Data(contentsOf: URL(filePath: try await package(SignatureGate.Options())))
        #expect(before == after)
    }
}
