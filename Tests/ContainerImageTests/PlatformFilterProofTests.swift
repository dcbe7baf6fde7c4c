import ContainerImage
import Testing

@Suite("What proves that an index was filtered")
struct PlatformFilterProofTests {
    private let whole: RawManifest
    private let repository: Repository
    private let amd64 = Digest(of: [1])
    private let arm64 = Digest(of: [2])

    init() throws {
        func entry(_ digest: Digest, _ more: String) -> String {
            #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(digest)","size":1,\#(more)}"#
        }
        let attestation = #""annotations":{"vnd.docker.reference.digest":"\#(amd64)"},"#
        let unknown = #""platform":{"os":"unknown","architecture":"unknown"}"#
        let entries = [
            entry(amd64, #""platform":{"os":"linux","architecture":"amd64"}"#),
            entry(arm64, #""platform":{"os":"linux","architecture":"arm64"}"#),
            entry(Digest(of: [3]), attestation + unknown),
        ]
        let text = #"{"schemaVersion":2,"manifests":[ \#(entries.joined(separator: ", ")) ]}"#
        whole = RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8))
        repository = try Repository("r.io/app")
    }

    private func platformFilter(_ filtered: RawManifest, _ platforms: [String], whole text: String? = nil) throws
        -> PlatformFilter
    {
        PlatformFilter(
            index: DigestReference(repository: repository, digest: whole.digest),
            filtered: DigestReference(repository: repository, digest: filtered.digest),
            platforms: try platforms.map { try Platform($0) },
            whole: text ?? String(decoding: whole.bytes, as: UTF8.self)
        )
    }

    @Test("What the platforms leave of the whole index is proven, attestations too")
    func proven() throws {
        let filtered = try whole.keepingEntries { $0.digest != arm64 }
        try platformFilter(filtered, ["linux/amd64"]).prove(filtered)
    }

    @Test("Fewer entries, those of another platform, or none of the whole index's bytes prove nothing")
    func refusals() throws {
        let honest = try whole.keepingEntries { $0.digest != arm64 }
        let fewer = try whole.keepingEntries { $0.digest == amd64 }
        let other = try whole.keepingEntries { $0.digest == arm64 }
        let evil = RawManifest(
            mediaType: .ociIndex,
            bytes: Array(
                String(decoding: honest.bytes, as: UTF8.self).replacing("\(amd64)", with: "\(Digest(of: [9]))").utf8
            )
        )
        for (manifest, platforms) in [
            (fewer, "linux/amd64"), (other, "linux/amd64"), (evil, "linux/amd64"), (honest, "linux/arm64"),
        ] {
            #expect(throws: PlatformFilterProofError.self) { try platformFilter(manifest, [platforms]).prove(manifest) }
        }
        #expect(throws: PlatformFilterProofError.self) { try platformFilter(honest, []).prove(honest) }
        let altered = String(decoding: evil.bytes, as: UTF8.self)
        #expect(throws: PlatformFilterProofError.self) {
            try platformFilter(evil, ["linux/amd64"], whole: altered).prove(evil)
        }
        var bare = try platformFilter(honest, ["linux/amd64"])
        bare.whole = nil
        #expect(throws: PlatformFilterProofError.missing(bare.index)) { try bare.prove(honest) }
        var elsewhere = try platformFilter(honest, ["linux/amd64"])
        elsewhere.filtered.repository = try Repository("r.io/other")
        #expect(throws: PlatformFilterProofError.self) { try elsewhere.prove(honest) }
    }

    @Test("An image is never what an index was filtered to")
    func image() throws {
        let image = RawManifest(
            mediaType: .ociManifest,
            bytes: Array(#"{"config":{"mediaType":"c","digest":"\#(amd64)","size":1},"layers":[]}"#.utf8)
        )
        #expect(throws: PlatformFilterProofError.self) { try platformFilter(image, ["linux/amd64"]).prove(image) }
    }
}
