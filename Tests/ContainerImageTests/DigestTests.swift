import ContainerImage
import Testing

@Suite("Digests of two algorithms")
struct DigestTests {
    private static let bytes = Array("content".utf8)
    private static let long = Digest(of: bytes, by: .sha512)

    @Test("Each algorithm has its own digest of the same content, and both come back from their texts")
    func texts() throws {
        let short = Digest(of: Self.bytes)
        #expect(short.algorithm == .sha256 && short.hex.count == 64)
        #expect(Self.long.algorithm == .sha512 && Self.long.hex.count == 128)
        #expect(short != Self.long)
        for digest in [short, Self.long] {
            #expect(try Digest(digest.description) == digest)
            #expect(digest.matches(Self.bytes))
            #expect(!digest.matches([1]))
        }
        #expect(short < Self.long)
    }

    @Test(
        "Texts that aren't digests are refused",
        arguments: [
            "sha512:" + String(repeating: "0", count: 64), "sha256:" + String(repeating: "0", count: 128),
            "sha512:" + String(repeating: "A", count: 128), "sha384:" + String(repeating: "0", count: 96), "sha512", "",
            ":", "SHA512:" + String(repeating: "0", count: 128),
        ]
    )
    func refusals(text: String) {
        #expect(throws: DigestError.self) { try Digest(text) }
    }

    @Test("Content is hashed piece by piece like in one piece", arguments: Digest.Algorithm.allCases)
    func pieces(algorithm: Digest.Algorithm) {
        var digester = Digester(algorithm)
        for byte in Self.bytes { [byte].withUnsafeBytes { digester.update($0) } }
        #expect(digester.finish() == Digest(of: Self.bytes, by: algorithm))
    }

    @Test("Tags for digests are tags, with the first 64 digits of a long one; cosign has none for those")
    func tags() throws {
        let start = Self.long.hex.prefix(64)
        #expect(Tag.kbldDigestTag(for: Self.long).name == "kbld-sha512-\(start)")
        #expect(Tag.referrers(of: Self.long).name == "sha512-\(start)")
        for tag in [Tag.kbldDigestTag(for: Self.long), .referrers(of: Self.long), .imgpkg(of: Self.long)] {
            #expect(try Tag(tag.name) == tag)
        }
        #expect(Tag.cosign(of: Self.long).isEmpty)
        #expect(Tag.cosign(of: Digest(of: Self.bytes)).count == 3)
    }

    @Test("A reference keeps the digest that it was given")
    func reference() throws {
        let text = "r.io/app@\(Self.long)"
        #expect(try DigestReference(text).description == text)
        let manifest = RawManifest(mediaType: .ociManifest, bytes: Self.bytes, by: .sha512)
        #expect(manifest.digest == Self.long)
    }
}
