import ContainerImage
import ImageStore
import RegistryClient
import TestSupport
import Testing

@Suite("Uploading what was verified before")
struct VerifiedUploadTests {
    private let bytes = Array("bytes that were verified".utf8)
    private var blob: Descriptor { Descriptor(.octetStream, of: bytes) }

    private func upload(_ source: MemoryBlobs, to registry: ScriptedRegistry) async throws {
        try await registry.client { client in
            try await client.repository(registry.repository("dst/app")).upload(blob, from: source, counting: nil)
        }
    }

    @Test("bytes that have changed since are refused by the registry, then hashed and refused here, and never stored")
    func altered() async throws {
        try await ScriptedRegistry.serving { registry in
            let source = MemoryBlobs([bytes], isVerified: true, isAltered: true)
            let error = await #expect(throws: BlobError.self) { try await upload(source, to: registry) }
            var altered = bytes
            altered[0] ^= 1
            #expect(error == .otherDigest(blob.digest, received: Digest(of: altered)))
            #expect(registry.content.blobs.isEmpty)
            // The first time they weren't hashed, or nothing would have gone out a second time.
            #expect(source.askedOffsets[blob.digest]?.count == 2)
        }
    }

    @Test("bytes that are too few or too many are refused here")
    func count() async throws {
        try await ScriptedRegistry.serving { registry in
            var other = blob
            other.size += 1
            let source = MemoryBlobs([bytes], isVerified: true)
            await #expect(throws: BlobError.tooShort(blob.digest, expected: 25, received: 24)) {
                try await registry.client { client in
                    try await client.repository(registry.repository("dst/app"))
                        .upload(other, from: source, counting: nil)
                }
            }
            #expect(registry.content.blobs.isEmpty)
        }
    }

    @Test("a registry that says that it stored other bytes is reported")
    func stored() async throws {
        let other = Digest(of: [1])
        try await ScriptedRegistry.serving(
            changing: { request, answer in
                if request.method == "PUT" { answer.headers["Docker-Content-Digest"] = other.description }
            }
        ) { registry in
            let error = await #expect(throws: RegistryError.self) {
                try await upload(MemoryBlobs([bytes], isVerified: true), to: registry)
            }
            #expect(error?.description.contains(other.description) == true)
        }
    }
}
