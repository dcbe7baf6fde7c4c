import ContainerImage
import ImageStore
import NIOCore
import RegistryClient
import Synchronization
import TestSupport
import Testing

@Suite("Uploads in chunks")
struct ChunkTests {
    private static let mebibyte = 1 << 20

    /// A blob of so many bytes, none of which stands at another's place.
    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &* 7 &+ $0 >> 16) }
    }

    /// A blob that can be read from any place, or once.
    private struct Source: ImageSource {
        let bytes: [UInt8]
        var isRepeatable = true
        let reads = ReadCount()
        var name: String { "a test" }

        func manifest(_ digest: Digest) throws -> RawManifest { throw BlobError.tooLarge(digest, size: 0, limit: 0) }

        func content(of blob: Descriptor, from offset: Int64) throws -> BlobBody {
            reads.add()
            let pieces = stride(from: Int(offset), to: bytes.count, by: 100_000).map {
                ByteBuffer(bytes: bytes[$0..<min($0 + 100_000, bytes.count)])
            }
            return BlobBody(
                AsyncThrowingStream { continuation in
                    for piece in pieces { continuation.yield(piece) }
                    continuation.finish()
                }
            )
        }
    }

    private final class ReadCount: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock(\.self) }
        func add() { count.withLock { $0 += 1 } }
    }

    /// What nginx does with `client_max_body_size`.
    private static func tooLarge(_ limit: Int) -> ScriptedRegistry.Bend {
        { request, _ in request.body.count > limit ? Answer(413) : nil }
    }

    private func upload(
        _ bytes: [[UInt8]],
        to registry: ScriptedRegistry,
        isRepeatable: Bool = true,
        chunking: UploadChunking = .automatic,
        retries: Int = 4
    ) async throws {
        try await registry.client(retries: retries, chunking: chunking) { client in
            for bytes in bytes {
                let blob = Descriptor(.octetStream, of: bytes)
                let source = Source(bytes: bytes, isRepeatable: isRepeatable)
                try await client.repository(registry.repository("app")).upload(blob, from: source, counting: nil)
                #expect(registry.content.blobs["app@\(blob.digest)"] == bytes)
            }
        }
    }

    /// The methods of the requests that belong to uploads, and how many bytes each had.
    private func uploads(_ registry: ScriptedRegistry) -> [String] {
        registry.content.requests.filter { $0.path.contains("/blobs/uploads/") }.map { request in
            request.body.isEmpty ? request.method : "\(request.method) \(request.body.count)"
        }
    }

    @Test("what isn't refused goes as a whole, with the requests that it takes")
    func whole() async throws {
        try await ScriptedRegistry.serving { registry in
            try await upload([Self.bytes(9 << 20)], to: registry)
            #expect(uploads(registry) == ["POST", "PUT \(9 << 20)"])
        }
        try await ScriptedRegistry.serving { registry in
            try await upload([Self.bytes(9 << 20)], to: registry, isRepeatable: false)
            #expect(uploads(registry) == ["POST", "PATCH \(9 << 20)", "PUT"])
        }
    }

    @Test("what is refused with 413 goes in smaller and smaller chunks; the next blobs in those that were taken")
    func learning() async throws {
        try await ScriptedRegistry.serving(bending: Self.tooLarge(1 << 20)) { registry in
            let bytes = Self.bytes((5 << 20) + 3)
            try await upload([bytes, Array(bytes.dropFirst()), Array(bytes.prefix(1000))], to: registry)
            let whole = "\((5 << 20) + 3)"
            let chunks = [String](repeating: "PATCH 1048576", count: 5)
            #expect(
                uploads(registry)
                    == ["POST", "PUT \(whole)", "DELETE", "POST", "PATCH 4194304", "PATCH 2097152"] + chunks
                    + ["PATCH 3", "PUT", "POST"] + chunks + ["PATCH 2", "PUT", "POST", "PUT 1000"]
            )
            let ranges = registry.content.requests.compactMap(\.contentRange)
            #expect(ranges[2] == "0-1048575")
            #expect(ranges[3] == "1048576-2097151")
        }
    }

    @Test("a stream goes on in chunks from what was kept, and is read once")
    func stream() async throws {
        try await ScriptedRegistry.serving(bending: Self.tooLarge(1 << 20)) { registry in
            try await upload([Self.bytes(5 << 20), Self.bytes(3 << 20)], to: registry, isRepeatable: false)
            #expect(uploads(registry).filter { $0 == "PATCH 1048576" }.count == 8)
        }
    }

    @Test("a size that is asked for counts from the start; off means whole")
    func flags() async throws {
        try await ScriptedRegistry.serving { registry in
            try await upload([Self.bytes(250_000)], to: registry, chunking: .size(100_000))
            #expect(uploads(registry) == ["POST", "PATCH 100000", "PATCH 100000", "PATCH 50000", "PUT"])
        }
        try await ScriptedRegistry.serving(bending: Self.tooLarge(1 << 20)) { registry in
            let error = await #expect(throws: RegistryError.self) {
                try await upload([Self.bytes(3 << 20)], to: registry, chunking: .off)
            }
            #expect(error?.status == 413)
            #expect(uploads(registry) == ["POST", "PUT \(3 << 20)", "DELETE"])
        }
    }

    @Test("a registry that wants larger chunks than a proxy lets pass is told of as refusing")
    func minimum() async throws {
        try await ScriptedRegistry.serving(bending: Self.tooLarge(1 << 20)) { request, answer in
            if request.method == "POST" { answer.headers["OCI-Chunk-Min-Length"] = "2097152" }
        } _: { registry in
            let error = await #expect(throws: RegistryError.self) {
                try await upload([Self.bytes(5 << 20)], to: registry)
            }
            #expect(error?.status == 413)
        }
        try await ScriptedRegistry.serving(bending: Self.tooLarge(4 << 20)) { request, answer in
            if request.method == "POST" { answer.headers["OCI-Chunk-Min-Length"] = "3000000" }
        } _: { registry in
            try await upload([Self.bytes(5 << 20)], to: registry)
            #expect(uploads(registry).contains("PATCH 4194304"))
        }
    }

    /// What goes wrong with a chunk, and whether the session survives.
    @Test(
        "chunks that go wrong are put right",
        arguments: ["503", "lost", "416", "404", "no range", "bytes=", "absolute", "no location"],
        [true, false]
    )
    func faults(fault: String, isRepeatable: Bool) async throws {
        let seen = Mutex(0)
        try await ScriptedRegistry.serving { request, registry in
            guard request.method == "PATCH",
                seen.withLock({
                    $0 += 1; return $0
                }) == 3
            else { return nil }
            switch fault {
            case "503": return Answer(503)
            case "lost":
                registry.alter { state in for key in state.uploads.keys { state.uploads[key]? += request.body } }
                return Answer(502)
            case "416": return Answer(416)
            case "404":
                registry.alter { $0.uploads = [:] }
                return Answer(404)
            default: return nil
            }
        } changing: { request, answer in
            guard let location = answer.headers["Location"], request.method != "POST" else { return }
            switch fault {
            case "no range": answer.headers["Range"] = nil
            case "bytes=": answer.headers["Range"] = answer.headers["Range"].map { "bytes=" + $0 }
            case "absolute": answer.headers["Location"] = location.split(separator: "/").last.map(String.init)
            case "no location": answer.headers["Location"] = nil
            default: break
            }
        } _: { registry in
            let size: UploadChunking = .size(100_000)
            try await upload([Self.bytes(450_000)], to: registry, isRepeatable: isRepeatable, chunking: size)
            let all = uploads(registry)
            #expect(Self.count("POST", in: all) == (fault == "404" ? 2 : 1), "\(all)")
            #expect(all.contains("GET") == ["503", "lost", "416"].contains(fault), "\(all)")
            // Five chunks, and what was sent again.
            let chunks = ["503": 6, "416": 6, "404": 8][fault] ?? 5
            #expect(Self.count("PATCH", in: all) == chunks, "\(all)")
        }
    }

    private static func count(_ method: String, in requests: [String]) -> Int {
        requests.filter { $0.hasPrefix(method) }.count
    }

    @Test(
        "a registry that has other bytes in the end gets the whole blob once again, not more often",
        arguments: [1, 9]
    )
    func mismatch(times: Int) async throws {
        let seen = Mutex(0)
        try await ScriptedRegistry.serving { request, _ in
            guard request.method == "PUT",
                seen.withLock({
                    $0 += 1; return $0
                }) <= times
            else { return nil }
            return .refusal(400, "DIGEST_INVALID")
        } _: { registry in
            do {
                try await upload([Self.bytes(250_000)], to: registry, chunking: .size(100_000))
                #expect(times == 1)
            } catch {
                #expect(times > 1, "\(error)")
                #expect("\(error)".contains("twice"), "\(error)")
            }
            #expect(uploads(registry).filter { $0 == "PUT" }.count == 2)
            #expect(uploads(registry).filter { $0.hasPrefix("PATCH") }.count == 6)
        }
    }

    @Test("a stream whose request breaks off goes on from where the registry is")
    func brokenStream() async throws {
        let seen = Mutex(0)
        try await ScriptedRegistry.serving { request, registry in
            guard request.method == "PATCH",
                seen.withLock({
                    $0 += 1; return $0
                }) == 1
            else { return nil }
            registry.alter { state in
                for key in state.uploads.keys { state.uploads[key]? += request.body.prefix(1_234_567) }
            }
            return Answer(502)
        } _: { registry in
            try await upload([Self.bytes(5 << 20)], to: registry, isRepeatable: false)
            #expect(uploads(registry) == ["POST", "PATCH 5242880", "GET", "PATCH \(5_242_880 - 1_234_567)", "PUT"])
        }
    }

    @Test("a stream longer than what is kept can't begin again, and a registry that forgets it is told of")
    func forgottenStream() async throws {
        try await ScriptedRegistry.serving { request, registry in
            guard request.method == "PATCH" else { return nil }
            registry.alter { $0.uploads = [:] }
            return Answer(502)
        } _: { registry in
            await #expect(throws: RegistryError.self) {
                try await upload([Self.bytes(20 << 20)], to: registry, isRepeatable: false)
            }
            #expect(uploads(registry).filter { $0 == "POST" }.count == 1)
        }
    }

    @Test("a registry that never gets further is told of after the retries", .timeLimit(.minutes(1)))
    func standstill() async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "PATCH" ? Answer(202, ["Range": "0-0"]) : nil
        } _: { registry in
            await #expect(throws: RegistryError.self) {
                try await upload([Self.bytes(250_000)], to: registry, chunking: .size(100_000), retries: 2)
            }
            #expect(uploads(registry).filter { $0.hasPrefix("PATCH") }.count == 3)
        }
    }

    @Test("a blob whose bytes are others never becomes whole")
    func altered() async throws {
        try await ScriptedRegistry.serving { registry in
            let bytes = Self.bytes(250_000)
            let blob = Descriptor(.octetStream, of: bytes)
            var other = bytes
            other[200_000] ^= 1
            let source = Source(bytes: other)
            try await registry.client(chunking: .size(100_000)) { client in
                _ = await #expect(throws: BlobError.self) {
                    try await client.repository(registry.repository("app")).upload(blob, from: source, counting: nil)
                }
            }
            #expect(registry.content.blobs.isEmpty)
            #expect(source.reads.value == 1)
        }
    }
}
