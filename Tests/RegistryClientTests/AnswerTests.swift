import ContainerImage
import ImageStore
import ImageTransfer
import RegistryClient
import Synchronization
import Testing

@Suite("Answers of registries as they are")
struct AnswerTests {
    private static let artifact = #"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","artifactType":"x/y"}"#

    @Test(
        "HEAD of a manifest may be answered in any way",
        arguments: [400, 401, 403, 404, 405, 406, 429, 500, 501, 502, 503]
    )
    func head(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "HEAD" ? Answer(status) : nil
        } _: { registry in
            let digest = registry.put("a/b", layers: ["x"], tag: "1").digest
            try await registry.client(retries: 1) { client in
                let tag = try Tag("1")
                let found = try await client.repository(registry.repository("a/b")).resolve(tag)
                #expect(found.digest == digest)
            }
            #expect(registry.lines.filter { $0.hasPrefix("GET ") }.count == 1)
        }
    }

    @Test("the words of a refusal are fetched, once", arguments: [401, 429])
    func words(status: Int) async throws {
        try await ScriptedRegistry.serving { _, _ in
            .refusal(status, "TOOMANYREQUESTS", "You have reached your pull rate limit")
        } _: { registry in
            let tag = try Tag("1")
            let error = await #expect(throws: RegistryError.self) {
                try await registry.client(retries: 1) {
                    try await $0.repository(registry.repository("a/b")).resolve(tag)
                }
            }
            #expect(error?.description.contains("pull rate limit") == true)
            #expect(error?.description.hasPrefix("GET ") == true)
        }
    }

    @Test(
        "a digest header of an unknown algorithm is ignored",
        arguments: ["", "sha256:1", "sha512:1", "md5:00", "\"\"", "sha512:" + String(repeating: "0", count: 128)]
    )
    func stated(text: String) async throws {
        try await ScriptedRegistry.serving(changing: { request, answer in
            if request.path.contains("/manifests/"), answer.status < 300 {
                answer.headers["Docker-Content-Digest"] = text
            }
        }) { registry in
            let manifest = registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                let read = try await repository.manifest(manifest.digest)
                #expect(read == manifest)
                try await repository.push(manifest, tag: Tag("2"))
                let isThere = try await repository.contains(manifest: manifest.digest, tag: Tag("2"))
                #expect(isThere)
                let found = try await repository.descriptor(of: Tag("1"))
                #expect(found?.digest == manifest.digest)
            }
        }
    }

    @Test(
        "quotes and capitals around a digest, or its algorithm left out, make no other digest of it",
        arguments: 0..<4
    )
    func forms(form: Int) async throws {
        try await ScriptedRegistry.serving(changing: { request, answer in
            guard let digest = answer.headers["Docker-Content-Digest"] else { return }
            let forms = ["\"\(digest)\"", digest.uppercased(), String(digest.dropFirst(7)), " \(digest) "]
            answer.headers["Docker-Content-Digest"] = forms[form]
        }) { registry in
            let manifest = registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                let found = try await repository.descriptor(of: Tag("1"))
                #expect(found?.digest == manifest.digest)
                try await repository.push(manifest, tag: Tag("2"))
            }
        }
    }

    @Test("a digest header with another digest is an error where nothing else tells")
    func otherDigest() async throws {
        let other = "sha256:" + String(repeating: "1", count: 64)
        try await ScriptedRegistry.serving(changing: { request, answer in
            if request.method == "HEAD" {
                answer = Answer(405)
            } else {
                answer.headers["Docker-Content-Digest"] = other
            }
        }) { registry in
            let manifest = registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                let read = try await repository.manifest(manifest.digest)
                #expect(read == manifest, "whoever asks by digest knows better")
                await #expect(throws: RegistryError.self) { try await repository.descriptor(of: Tag("1")) }
                await #expect(throws: RegistryError.self) { try await repository.push(manifest, tag: Tag("2")) }
            }
        }
    }

    @Test("what a tag names is pinned whatever its type, except schema 1 and what is not a manifest")
    func anyType() async throws {
        try await ScriptedRegistry.serving { registry in
            let artifact = MediaType("application/vnd.oci.artifact.manifest.v1+json")
            let digest = registry.put("a/b", Self.artifact, artifact, tag: "artifact").digest
            let old = MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws")
            registry.put("a/b", #"{"schemaVersion":1,"name":"x"}"#, old, tag: "old")
            registry.put("a/b", #"{"hello":"world"}"#, MediaType("application/json"), tag: "json")
            registry.put("a/b", "hello", MediaType("text/plain"), tag: "text")
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                let found = try await repository.resolve(Tag("artifact"))
                #expect(found.digest == digest)
                for tag in ["old", "json", "text"] {
                    await #expect(throws: RegistryError.self, "\(tag)") {
                        try await repository.resolve(Tag(tag))
                    }
                }
                await #expect(throws: RegistryError.self) { try await repository.manifest(digest) }
            }
        }
    }

    @Test("content that a descriptor embeds needs no request, unless it is other content", arguments: [true, false])
    func embedded(isRight: Bool) async throws {
        try await ScriptedRegistry.serving { registry in
            let bytes = Array("{}".utf8)
            var blob = Descriptor(mediaType: .octetStream, digest: Digest(of: bytes), size: 2)
            blob.data = isRight ? "e30=" : "e3s="
            let wanted = blob
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                if isRight {
                    let read = try await repository.bytes(of: wanted)
                    #expect(read == bytes)
                } else {
                    await #expect(throws: RegistryError.self) { try await repository.bytes(of: wanted) }
                }
            }
            #expect(registry.lines.isEmpty == isRight)
        }
    }

    @Test("a page size that is refused is left out", arguments: [400, 413, 422])
    func pageSize(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.path.contains("n=1000") ? .refusal(status, "PAGINATION_NUMBER_INVALID") : nil
        } _: { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client { client in
                let tags = try await client.repository(registry.repository("a/b")).tags()
                #expect(tags == ["1"])
            }
        }
    }

    @Test("warnings are shown once, without what a terminal might obey")
    func warnings() async throws {
        let shown = Mutex<[String]>([])
        try await ScriptedRegistry.serving(changing: { _, answer in
            answer.headers["Warning"] = #"299 - "the \"old\" name\u{1B}[2J", 110 - "stale""#
        }) { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            var options = RegistryOptions()
            options.warning = { line in shown.withLock { $0.append(line) } }
            let client = try RegistryClient(options: options, credentials: .anonymous)
            let repository = client.repository(try registry.repository("a/b"))
            for _ in 0..<3 { _ = try await repository.descriptor(of: Tag("1")) }
            await client.shutdown()
            #expect(shown.withLock(\.self).count == 1)
            #expect(shown.withLock { $0.first?.hasPrefix("\(registry.host): the \"old\" name") } == true)
            #expect(shown.withLock { $0.first?.contains("\u{1B}") } == false)
        }
    }

    @Test("a referrer or signature that isn't there may be denied", arguments: [400, 401, 403, 404, 405, 501])
    func deniedArtifacts(status: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            let isThere = request.path.contains("/blobs/") || request.path.contains("/manifests/sha256:")
            return isThere ? nil : .refusal(status, "DENIED")
        } _: { registry in
            let image = registry.put("a/b", layers: ["x"])
            let gathered = try await artifacts(of: image.digest, in: registry)
            #expect(gathered.artifacts.isEmpty)
            #expect(gathered.remarks.isEmpty == (status == 404), "\(gathered.remarks)")
        }
    }

    @Test(
        "an unavailable referrer doesn't keep the others out",
        arguments: ["deleted", "artifact", "sha512", "odd"]
    )
    func danglingReferrer(kind: String) async throws {
        try await ScriptedRegistry.serving { registry in
            let image = registry.put("a/b", layers: ["x"])
            let subject = #","subject":{"mediaType":"x","digest":"\#(image.digest)","size":\#(image.bytes.count)}"#
            let good = registry.put("a/b", layers: ["sbom"], more: subject)
            let artifact = registry.put(
                "a/b",
                Self.artifact,
                MediaType("application/vnd.oci.artifact.manifest.v1+json")
            )
            let digest = [
                "deleted": "sha256:" + String(repeating: "a", count: 64), "artifact": "\(artifact.digest)",
                "sha512": "sha512:" + String(repeating: "a", count: 128), "odd": "blake3:00",
            ][kind]
            let entries = [(digest ?? "", 3), ("\(good.digest)", good.bytes.count)].map {
                #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#($0)","size":\#($1)}"#
            }
            let list =
                #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entries.joined(separator: ","))]}"#
            registry.put("a/b", list, .ociIndex, tag: "sha256-\(image.digest.hex)")
            let gathered = try await artifacts(of: image.digest, in: registry)
            #expect(gathered.artifacts.map(\.digest) == [good.digest])
            #expect(
                gathered.remarks.count == 1 && gathered.remarks[0].description.contains(digest ?? "-"),
                "\(gathered.remarks)"
            )
        }
    }

    @Test("a referrer whose bytes are altered, or that fails on its way, is an error", arguments: [200, 500])
    func alteredReferrer(status: Int) async throws {
        let bad = Mutex("-")
        try await ScriptedRegistry.serving { request, _ in
            request.method == "GET" && request.path.contains(bad.withLock(\.self)) ? Answer(status, [:], "{}") : nil
        } _: { registry in
            let image = registry.put("a/b", layers: ["x"])
            let sbom = registry.put("a/b", layers: ["sbom"])
            let entry =
                #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(sbom.digest)","size":\#(sbom.bytes.count)}"#
            let list = #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entry)]}"#
            registry.put("a/b", list, .ociIndex, tag: "sha256-\(image.digest.hex)")
            bad.withLock { $0 = "\(sbom.digest)" }
            await #expect(throws: ImageTreeError.self) { try await artifacts(of: image.digest, in: registry) }
        }
    }

    private static let subject = Digest(of: Array("subject".utf8))
    private static let referrer = Descriptor(
        mediaType: .ociManifest,
        digest: Digest(of: Array("referrer".utf8)),
        size: 8
    )

    @Test("the list under a tag keeps what others wrote, and a second time nothing changes")
    func keptList() async throws {
        try await ScriptedRegistry.serving { registry in
            let theirs =
                #"{"mediaType":"x/y","digest":"sha256:\#(String(repeating: "b", count: 64))","size":3,"#
                + #""data":"e30=","org.example.extra":{"a":[1, 2]},"platform":{"os":"linux","architecture":"arm64"}}"#
            let text =
                #"{ "schemaVersion": 2, "artifactType": "x/index", "manifests": [ \#(theirs) ], "annotations": {"k":"v"},"#
                + #""mediaType":"\#(MediaType.ociIndex)"}"#
            registry.put("a/b", text, .ociIndex, tag: "sha256-\(Self.subject.hex)")
            let tag = "a/b:sha256-\(Self.subject.hex)"
            for _ in 0..<2 {
                let remark = try await list(registry)
                #expect(remark == nil)
                let now = registry.content.manifests["a/b@\(registry.content.tags[tag] ?? "")"]?.bytes ?? []
                let mine =
                    #","# + #"{"digest":"\#(Self.referrer.digest)","mediaType":"\#(MediaType.ociManifest)","size":8}"#
                #expect(String(decoding: now, as: UTF8.self) == text.replacing(theirs, with: theirs + mine))
            }
        }
    }

    @Test(
        "a tag that names something else than a list is left alone, and that is said",
        arguments: ["image", "artifact"]
    )
    func notAList(kind: String) async throws {
        try await ScriptedRegistry.serving { registry in
            let tag = "sha256-\(Self.subject.hex)"
            if kind == "image" {
                registry.put("a/b", layers: ["x"], tag: tag)
            } else {
                registry.put("a/b", Self.artifact, MediaType("application/vnd.oci.artifact.manifest.v1+json"), tag: tag)
            }
            let before = registry.content.tags
            let remark = try await list(registry)
            #expect(remark?.contains(tag) == true)
            #expect(registry.content.tags == before)
        }
    }

    @Test(
        "a registry that lists referrers itself gets no list under a tag, however late it is",
        arguments: [true, false]
    )
    func ownList(answersSubject: Bool) async throws {
        try await ScriptedRegistry.serving { request, _ in
            guard request.path.contains("/referrers/") else { return nil }
            if answersSubject { return Answer(404) }
            let empty = #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[]}"#
            return Answer(200, ["Content-Type": MediaType.ociIndex.text], empty)
        } changing: { request, answer in
            if request.method == "PUT", answersSubject { answer.headers["OCI-Subject"] = "\(Self.subject)" }
        } _: { registry in
            let manifest = registry.put("a/b", layers: ["x"])
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                try await repository.push(manifest, tag: nil)
                let remark = try await repository.registerReferrers([Self.referrer], for: Self.subject)
                #expect(remark == nil)
            }
            #expect(registry.content.tags.isEmpty)
        }
    }

    private func list(_ registry: ScriptedRegistry) async throws -> String? {
        try await registry.client { client in
            try await client.repository(registry.repository("a/b")).registerReferrers(
                [Self.referrer],
                for: Self.subject
            )
        }
    }

    private func artifacts(of digest: Digest, in registry: ScriptedRegistry) async throws -> ImagesWithArtifacts {
        try await registry.client(retries: 0) { client in
            let reference = DigestReference(repository: try registry.repository("a/b"), digest: digest)
            var selection = ArtifactSelection()
            selection.takesReferrers = true
            selection.takesCosign = true
            let images = try await selection.read([reference], from: { client.repository($0) }, atMost: 4)
            return try await selection.apply(to: images, from: client, atMost: 4)
        }
    }
}
