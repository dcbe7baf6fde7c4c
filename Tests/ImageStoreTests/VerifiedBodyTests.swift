import ContainerImage
import ImageStore
import NIOCore
import Testing

@Suite("Bytes that are verified on their way")
struct VerifiedBodyTests {
    private let blob = Descriptor(
        mediaType: MediaType("a/b"),
        digest: Digest(of: Array("abcdef".utf8)),
        size: 6
    )

    /// The pieces that come, and how they end.
    private func pieces(_ texts: [String]) async -> (came: [String], error: BlobError?) {
        let body = BlobBody(
            AsyncThrowingStream { continuation in
                for text in texts { continuation.yield(ByteBuffer(string: text)) }
                continuation.finish()
            }
        )
        var came: [String] = []
        do {
            for try await piece in body.verified(as: blob) { came.append(String(buffer: piece)) }
            return (came, nil)
        } catch {
            return (came, error as? BlobError)
        }
    }

    @Test("all come where they are the blob's", arguments: [["abcdef"], ["ab", "cd", "ef"], ["abc", "def", ""]])
    func right(texts: [String]) async {
        let (came, error) = await pieces(texts)
        #expect(came == texts && error == nil)
    }

    @Test(
        "the last ones don't where some are others",
        arguments: [["abcdeF"], ["Ab", "cd", "ef"], ["ab", "cd", "eF"]]
    )
    func altered(texts: [String]) async {
        let (came, error) = await pieces(texts)
        #expect(came == texts.dropLast())
        #expect(error == .otherDigest(blob.digest, received: Digest(of: Array(texts.joined().utf8))))
    }

    @Test("too few and too many are told")
    func otherCounts() async {
        let short = await pieces(["abc", "de"])
        #expect(short.came == ["abc", "de"] && short.error == .tooShort(blob.digest, expected: 6, received: 5))
        let long = await pieces(["abcdef", "g"])
        #expect(long.came == ["abcdef"] && long.error == .tooLong(blob.digest, expected: 6))
    }
}
