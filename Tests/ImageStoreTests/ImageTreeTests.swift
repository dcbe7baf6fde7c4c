import ContainerImage
import ImageStore
import TestSupport
import Testing

@Suite("Trees of images")
struct ImageTreeTests {
    /// An image, then indexes of which each leads `times` times to the one before it.
    private func chain(of height: Int, times: Int) -> [RawManifest] {
        let config = Descriptor(MediaType("c"), of: Array("{}".utf8)).json
        var chain = [RawManifest(mediaType: .ociManifest, bytes: Array(#"{"config":\#(config),"layers":[]}"#.utf8))]
        for _ in 0..<height {
            let last = chain[chain.count - 1]
            let text =
                #"{"manifests":[\#(Array(repeating: last.descriptor.json, count: times).joined(separator: ","))]}"#
            chain.append(RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8)))
        }
        return chain
    }

    private func read(_ chain: [RawManifest], _ memory: MemoryBlobs) async throws -> ImageTree {
        let top = DigestReference(repository: try Repository("r.io/app"), digest: chain[chain.count - 1].digest)
        return try #require(try await ImageTree.read([top], from: { _ in memory }, atMost: 4).first)
    }

    @Test("what is led to many times is asked for once")
    func once() async throws {
        let chain = chain(of: 3, times: 10)
        let memory = MemoryBlobs([Array("{}".utf8)], manifests: chain)
        let tree = try await read(chain, memory)
        #expect(tree.images.count == 1000 && tree.all.count == 1111)
        #expect(memory.askedManifests.count == 4)
    }

    @Test("indexes that lead to billions of images are refused in a moment", .timeLimit(.minutes(1)))
    func manyImages() async throws {
        let chain = chain(of: 7, times: 100)
        let memory = MemoryBlobs([Array("{}".utf8)], manifests: chain)
        let error = await #expect(throws: ImageTreeError.self) { try await read(chain, memory) }
        guard case .tooMany = error else { throw try #require(error) }
    }

    @Test("indexes may be nested, up to a limit", arguments: [7, 8, 9, 40])
    func depth(height: Int) async throws {
        let chain = chain(of: height, times: 1)
        let memory = MemoryBlobs([Array("{}".utf8)], manifests: chain)
        guard height > ImageTree.depthLimit else {
            #expect(try await read(chain, memory).images.count == 1)
            return
        }
        let error = await #expect(throws: ImageTreeError.self) { try await read(chain, memory) }
        guard case .tooDeep = error else { throw try #require(error) }
        #expect(memory.askedManifests.count <= ImageTree.depthLimit + 1)
    }

    @Test("more bytes of manifests than are held at once are refused before they are asked for")
    func claimedBytes() async throws {
        let entries = (0..<40).map { number in
            let digest = Digest(of: [UInt8(number)])
            return #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(digest)","size":\#(RawManifest.sizeLimit)}"#
        }
        let text = #"{"manifests":[\#(entries.joined(separator: ","))]}"#
        let top = RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8))
        let memory = MemoryBlobs(manifests: [top])
        let error = await #expect(throws: ImageTreeError.self) { try await read([top], memory) }
        #expect("\(try #require(error))".contains("256 MiB"))
        #expect(memory.askedManifests.count == 1)
    }

    @Test("an entry that is neither an image nor an index is reported with its type")
    func foreignEntry() async throws {
        let digest = Digest(of: [1])
        let text = #"{"manifests":[{"mediaType":"application/vnd.x.y","digest":"\#(digest)","size":1}]}"#
        let top = RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8))
        let error = await #expect(throws: ImageTreeError.self) { try await read([top], MemoryBlobs(manifests: [top])) }
        let words = "\(try #require(error))"
        #expect(words.contains("'application/vnd.x.y'") && words.contains(digest.hex) && words.contains(top.digest.hex))
    }
}
