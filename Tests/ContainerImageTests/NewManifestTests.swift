import ContainerImage
import Testing

@Suite("Manifests that are new")
struct NewManifestTests {
    private static func descriptor(_ text: String, _ type: MediaType) -> Descriptor {
        let bytes = Array(text.utf8)
        return Descriptor(mediaType: type, digest: Digest(of: bytes), size: Int64(bytes.count))
    }

    @Test("an image is read as it was written")
    func image() throws {
        let config = Self.descriptor("{}", .emptyJSON)
        let layers = [Self.descriptor("a/b", .octetStream), Self.descriptor("c", .octetStream)]
        let subject = Self.descriptor("s", .ociManifest)
        let manifest = try RawManifest(
            config: config,
            layers: layers,
            artifactType: "application/x",
            subject: subject,
            annotations: ["a": "b/c"]
        )
        guard case .image(let image) = try manifest.parsed() else {
            Issue.record("no image")
            return
        }
        #expect(image.config == config && image.layers == layers && image.subject == subject)
        #expect(image.artifactType == "application/x" && image.mediaType == .ociManifest)
        let text = String(decoding: manifest.bytes, as: UTF8.self)
        #expect(text.contains(#""annotations":{"a":"b/c"}"#) && text.contains(#""schemaVersion":2"#))
        #expect(try RawManifest(config: config, layers: layers).bytes.count < manifest.bytes.count)
    }

    @Test("an index is read as it was written")
    func index() throws {
        var entry = Self.descriptor("m", .ociManifest)
        entry.platform = try Platform("linux/arm64/v8")
        let manifest = try RawManifest(index: [entry, Self.descriptor("n", .ociIndex)])
        guard case .index(let index) = try manifest.parsed() else {
            Issue.record("no index")
            return
        }
        #expect(index.manifests == [entry, Self.descriptor("n", .ociIndex)])
        #expect(manifest.contentType == .ociIndex && manifest.digest.matches(manifest.bytes))
    }
}
