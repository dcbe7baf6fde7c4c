import ContainerImage
import ImageStore
import ImageTransfer
import RegistryClient
import Synchronization
import TestSupport
import Testing

@Suite("Pushing")
struct PushTests {
    private static func blob(_ text: String) -> (descriptor: Descriptor, bytes: [UInt8]) {
        let bytes = Array(text.utf8)
        return (Descriptor(.octetStream, of: bytes), bytes)
    }

    @Test(
        "a mount that is refused in whatever way means a plain upload",
        arguments: [400, 401, 403, 404, 405, 416, 500, 501, 503]
    )
    func mounts(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            let basic = ["WWW-Authenticate": #"Basic realm="x""#]
            return request.path.contains("mount=") ? Answer(status, status == 401 ? basic : [:]) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one", "two", "three"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app", "dst/other"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
            #expect(registry.content.manifests["dst/other@\(digest)"] != nil)
        }
    }

    @Test(
        "a mount whose token is refused means a plain upload with the destination's scope alone",
        arguments: [401, 403, 400]
    )
    func mountToken(status: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token") {
                let isMixed = request.path.contains("src") && request.path.contains("dst")
                return isMixed
                    ? .refusal(status, "DENIED") : Answer(200, ["Content-Type": "application/json"], #"{"token":"t"}"#)
            }
            let challenge = #"Bearer realm="http://\#(registry.host)/token",service="lab""#
            return request.authorization == "Bearer t" ? nil : Answer(401, ["WWW-Authenticate": challenge])
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one", "two"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
            #expect(!registry.lines.contains { $0.contains("mount=") })
        }
    }

    @Test("a mount that claims to have taken a blob over and didn't is made good", arguments: [200, 404])
    func lyingMount(head: Int) async throws {
        let lied = Mutex(0)
        try await ScriptedRegistry.serving { request, _ in
            if request.path.contains("mount=") {
                lied.withLock { $0 += 1 }
                return Answer(201, ["Location": "/v2/dst/app/blobs/x"])
            }
            let isBlob = request.method == "HEAD" && request.path.contains("/dst/app/blobs/")
            return isBlob && lied.withLock(\.self) > 0 ? Answer(head) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one", "two"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
        }
    }

    @Test("a registry that says of a blob that it has it, and doesn't, gets it when that shows")
    func lyingHead() async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "HEAD" && request.path.contains("/dst/app/blobs/")
                ? Answer(200, ["Content-Length": "3"]) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one", "two"], tag: "1", config: "{ }").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
        }
    }

    @Test("what a repository has lost of an image that arrived comes back", arguments: ["layer", "config", "child"])
    func healing(part: String) async throws {
        try await ScriptedRegistry.serving { registry in
            let child = registry.put("src/app", layers: ["one", "two"])
            let entry =
                #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(child.digest)","size":\#(child.bytes.count)}"#
            let text = #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entry)]}"#
            let index = registry.put("src/app", text, .ociIndex, tag: "1").digest
            try await relocate(registry, index, to: ["dst/app"])
            let whole = registry.content
            let lost = ["layer": "one", "config": #"{"os":"linux","architecture":"amd64"}"#][part].map {
                "dst/app@\(Digest(of: Array($0.utf8)))"
            }
            registry.alter { state in
                if let lost { state.blobs[lost] = nil } else { state.manifests["dst/app@\(child.digest)"] = nil }
                state.requests = []
            }
            try await relocate(registry, index, to: ["dst/app"])
            #expect(registry.content.blobs == whole.blobs)
            #expect(Set(registry.content.manifests.keys) == Set(whole.manifests.keys))
            // One HEAD for the image, its child, and each of its blobs, besides reading it.
            let heads = registry.lines.filter { $0.hasPrefix("HEAD /v2/dst/app/") }
            #expect(heads.count == 5, "\(heads)")
            #expect(Set(heads).count == heads.count)
        }
    }

    @Test(
        "a registry that doesn't tell what it has keeps what arrived, and gets what didn't",
        arguments: [403, 405, 501]
    )
    func silentHeads(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "HEAD" && request.path.contains("/dst/") && request.path.contains("/blobs/")
                ? Answer(status) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            for _ in 0..<2 { try await relocate(registry, digest, to: ["dst/app"]) }
            #expect(registry.lines.filter { $0.hasPrefix("POST ") }.count == 2, "\(registry.lines)")
        }
    }

    @Test("a HEAD that leads to a storage where only GET is allowed keeps nothing from being pushed")
    func signedHead() async throws {
        try await ScriptedRegistry.serving { request, _ in
            if request.path.hasPrefix("/storage") { return Answer(403) }
            return request.method == "HEAD" && request.path.contains("/blobs/")
                ? Answer(307, ["Location": "/storage?signature=x"]) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
        }
    }

    @Test("of whether a blob is there, a refusal to look tells nothing, but one for too many requests is an error")
    func crowdedHeads() async throws {
        let status = Mutex(405)
        try await ScriptedRegistry.serving { request, _ in
            request.method == "HEAD" && request.path.contains("/blobs/") ? Answer(status.withLock { $0 }) : nil
        } _: { registry in
            let blob = Descriptor(.octetStream, of: Array("{}".utf8))
            try await registry.client { client in
                let repository = client.repository(try registry.repository("dst/app"))
                #expect(try await repository.contains(blob) == nil)
                status.withLock { $0 = 429 }
                await #expect(throws: RegistryError.self) { try await repository.contains(blob) }
            }
        }
    }

    @Test("looking for the tag may be refused in any way", arguments: [400, 401, 403, 405, 406, 429, 500, 501, 503])
    func refusedLook(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            ["HEAD", "GET"].contains(request.method) && request.path.contains("/dst/app/manifests/")
                ? Answer(status) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
        }
    }

    @Test(
        "an immutable tag that names the image already is not a failure",
        arguments: [(400, "TAG_INVALID"), (412, "PRECONDITION"), (409, "TAG_ALREADY_EXISTS"), (403, "DENIED")],
        [true, false]
    )
    func immutableTags(refusal: (Int, String), tellsDigest: Bool) async throws {
        let lost = Mutex<Set<String>>([])
        try await ScriptedRegistry.serving { request, registry in
            guard request.method == "PUT", let tag = request.path.split(separator: "/").last,
                request.path.contains("/manifests/kbld-")
            else { return nil }
            if registry.content.tags["dst/app:\(tag)"] != nil { return .refusal(refusal.0, refusal.1, "immutable") }
            // The first push is done, and its answer lost.
            guard lost.withLock({ $0.insert(String(tag)).inserted }) else { return nil }
            let digest = Digest(of: request.body).description
            registry.alter { state in
                state.manifests["dst/app@\(digest)"] = .init(bytes: request.body, type: request.contentType ?? "")
                state.tags["dst/app:\(tag)"] = digest
            }
            return Answer(503)
        } changing: { request, answer in
            if !tellsDigest { answer.headers["Docker-Content-Digest"] = nil }
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.tags["dst/app:kbld-sha256-\(digest.hex)"] == digest.description)
        }
    }

    @Test("an immutable tag is asked for by GET where HEAD is refused", arguments: [400, 403, 404, 405, 429, 500])
    func immutableTagWithoutHead(status: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            guard request.path.contains("/dst/app/manifests/kbld-") else { return nil }
            if request.method == "HEAD" { return Answer(status) }
            guard request.method == "PUT", let tag = request.path.split(separator: "/").last,
                registry.content.tags["dst/app:\(tag)"] != nil
            else { return nil }
            return .refusal(400, "TAG_INVALID", "immutable")
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            // Another run finds what this one left.
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.tags["dst/app:kbld-sha256-\(digest.hex)"] == digest.description)
        }
    }

    @Test("an immutable tag that names another image is reported as that")
    func otherImage() async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "PUT" && request.path.contains("/manifests/")
                ? .refusal(400, "TAG_INVALID", "the tag is immutable") : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            let error = await #expect(throws: RelocationError.self) {
                try await relocate(registry, digest, to: ["dst/app"])
            }
            #expect(error?.description.contains("immutable") == true)
            #expect(error?.description.contains("of the type") == false)
        }
    }

    @Test(
        "a registry that doesn't see yet what was just pushed is asked again",
        arguments: [
            (404, "MANIFEST_UNKNOWN", "no"), (404, "NOT_FOUND", "no"), (404, "UNKNOWN", "no"),
            (404, "MANIFEST_BLOB_UNKNOWN", "no"), (400, "MANIFEST_BLOB_UNKNOWN", "no"),
            (400, "MANIFEST_INVALID", "manifest references unknown manifest"),
        ]
    )
    func tooSoon(refusal: (Int, String, String)) async throws {
        let times = Mutex(0)
        try await ScriptedRegistry.serving { request, _ in
            guard request.method == "PUT", request.path.contains("/manifests/"),
                times.withLock({
                    $0 += 1; return $0
                }) <= 2
            else { return nil }
            return .refusal(refusal.0, refusal.1, refusal.2)
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            try await relocate(registry, digest, to: ["dst/app"])
            #expect(registry.content.manifests["dst/app@\(digest)"] != nil)
        }
    }

    @Test(
        "a repository that the first push makes may be unknown for a moment, whatever the blobs come from",
        arguments: [true, false]
    )
    func newRepository(isRepeatable: Bool) async throws {
        let times = Mutex(0)
        try await ScriptedRegistry.serving { request, _ in
            guard request.method == "POST",
                times.withLock({
                    $0 += 1; return $0
                }) <= 2
            else { return nil }
            return .refusal(404, "NAME_UNKNOWN")
        } _: { registry in
            let (blob, bytes) = Self.blob("bytes")
            let source = MemoryBlobs([bytes], isRepeatable: isRepeatable)
            try await registry.client { client in
                let repository = client.repository(try registry.repository("dst/app"))
                try await repository.upload(blob, from: source, counting: nil)
                #expect(try await repository.contains(blob) == true)
            }
        }
    }

    @Test(
        "bytes go by PATCH where a PUT with them is refused, and to the next blob at once",
        arguments: [
            (404, "BLOB_UNKNOWN"), (400, "BLOB_UPLOAD_INVALID"), (405, "UNSUPPORTED"), (501, ""),
            (404, "BLOB_UPLOAD_UNKNOWN"),
        ]
    )
    func patches(refusal: (Int, String)) async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "PUT" && request.path.contains("/uploads/") && !request.body.isEmpty
                ? .refusal(refusal.0, refusal.1) : nil
        } _: { registry in
            let blobs = ["one", "two", "three"].map { Self.blob($0).descriptor }
            let all = MemoryBlobs(["one", "two", "three"].map { Self.blob($0).bytes })
            try await registry.client { client in
                let repository = client.repository(try registry.repository("dst/app"))
                for blob in blobs { try await repository.upload(blob, from: all, counting: nil) }
                for blob in blobs { #expect(try await repository.contains(blob) == true) }
            }
            let refused = registry.content.requests.filter { $0.method == "PUT" && !$0.body.isEmpty }
            #expect(refused.count <= 3, "\(registry.lines)")
            #expect(registry.lines.filter { $0.hasPrefix("PATCH ") }.count == 3)
        }
    }

    @Test("bytes that can't be read again go by PATCH until PUT is known to work")
    func streams() async throws {
        try await ScriptedRegistry.serving { registry in
            let blobs = ["one", "two"].map { Self.blob($0).descriptor }
            let bytes = ["one", "two"].map { Self.blob($0).bytes }
            let all = MemoryBlobs(bytes, isRepeatable: false)
            let repeatable = MemoryBlobs(bytes)
            try await registry.client { client in
                let repository = client.repository(try registry.repository("dst/app"))
                try await repository.upload(blobs[0], from: all, counting: nil)
                try await repository.upload(blobs[1], from: repeatable, counting: nil)
                try await client.repository(registry.repository("dst/more")).upload(blobs[0], from: all, counting: nil)
            }
            #expect(
                registry.lines.map { $0.prefix { $0 != " " } } == [
                    "POST", "PATCH", "PUT", "POST", "PUT", "POST", "PUT",
                ]
            )
        }
    }

    @Test("an upload that is given up is cancelled")
    func cancelled() async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "PUT" ? .refusal(413, "SIZE_INVALID") : nil
        } _: { registry in
            let (blob, bytes) = Self.blob("bytes")
            let all = MemoryBlobs([bytes])
            await #expect(throws: RegistryError.self) {
                try await registry.client {
                    try await $0.repository(registry.repository("dst/app")).upload(blob, from: all, counting: nil)
                }
            }
            #expect(registry.content.uploads.isEmpty)
            #expect(registry.lines.filter { $0.hasPrefix("DELETE ") }.count == 1)
        }
    }

    private func relocate(_ registry: ScriptedRegistry, _ digest: Digest, to paths: [String]) async throws {
        try await registry.client { client in
            let reference = DigestReference(repository: try registry.repository("src/app"), digest: digest)
            let trees = try await ImageTree.read([reference], from: { client.repository($0) }, atMost: 4)
            let batches = try paths.map { path in
                ImageBatch(trees, to: client.repository(try registry.repository(path)))
            }
            try await ImageRelocation(atMost: 4).copy(batches, from: { client.repository($0) })
        }
    }
}
