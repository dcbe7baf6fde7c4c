import ContainerImage
import Testing

@Suite("Indexes with fewer entries")
struct IndexFilteringTests {
    private static func entry(_ number: Int, _ more: String = "") -> String {
        let type = "application/vnd.oci.image.manifest.v1+json"
        return #"{"mediaType":"\#(type)","digest":"\#(Digest(of: [UInt8(number)]))","size":\#(number)\#(more)}"#
    }

    private static func index(_ text: String) -> RawManifest {
        RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8))
    }

    private static func text(_ manifest: RawManifest) -> String { String(decoding: manifest.bytes, as: UTF8.self) }

    @Test("everything but the entries that go stays byte for byte")
    func bytesStay() throws {
        let tricky = #", "annotations": {"a]\"}": "[{,\\", "manifests": "[]"}"#
        let entries = [Self.entry(1), Self.entry(2, tricky), Self.entry(3)]
        let front = "{ \"annotations\" : {\"manifests\":\"x\"},\n\"schemaVersion\": 2 ,\"manifests\" : ["
        let whole = Self.index(front + "\n  " + entries.joined(separator: ",\n  ") + "\n ] , \"z\" : [1,[2]] }\n")
        let filtered = try whole.keepingEntries { $0.size == 2 }
        #expect(Self.text(filtered) == front + "\n  " + entries[1] + "\n ] , \"z\" : [1,[2]] }\n")
        guard case .index(let parsed) = try filtered.parsed() else { throw CancellationError() }
        #expect(parsed.manifests.map(\.size) == [2])
        #expect(filtered.digest != whole.digest)
    }

    @Test("any choice of entries parses to just these, in their order", arguments: 0..<16)
    func choices(mask: Int) throws {
        let whole = Self.index("{\"manifests\":[" + (1...4).map { Self.entry($0) }.joined(separator: " ,\t") + "]}")
        let filtered = try whole.keepingEntries { mask & (1 << Int($0.size - 1)) != 0 }
        guard case .index(let parsed) = try filtered.parsed() else { throw CancellationError() }
        #expect(parsed.manifests.map(\.size) == (1...4).filter { mask & (1 << Int($0 - 1)) != 0 })
    }

    @Test("an index of which all is kept is the same")
    func same() throws {
        let whole = Self.index("{\"manifests\": [ \(Self.entry(1)) ]}")
        #expect(try whole.keepingEntries { _ in true } == whole)
    }

    @Test("two lists under the same name are refused")
    func ambiguous() {
        let whole = Self.index("{\"manifests\":[\(Self.entry(1))],\"manifests\":[\(Self.entry(2))]}")
        #expect(throws: ManifestError.self) { try whole.keepingEntries { _ in false } }
    }

    @Test("a list of referrers has an artifact's type and annotations")
    func referrer() throws {
        let subject = Digest(of: [7])
        let text = """
            {"config":{"mediaType":"application/vnd.x","digest":"\(Digest(of: [1]))","size":1},"layers":[],\
            "subject":{"mediaType":"m","digest":"\(subject)","size":1},"annotations":{"k":"v"}}
            """
        let manifest = RawManifest(mediaType: .ociManifest, bytes: Array(text.utf8))
        let note = try #require(manifest.referrerDescriptor)
        #expect(note.subject == subject)
        #expect(note.descriptor.digest == manifest.digest)
        #expect(note.descriptor.artifactType == "application/vnd.x")
        #expect(note.descriptor.annotations == ["k": "v"])
    }
}
