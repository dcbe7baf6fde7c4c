import ContainerImage
import Testing

@Suite("The type of a manifest that a server calls something else")
struct ServedManifestTests {
    private static let image = #"{"schemaVersion":2,"config":{},"layers":[]}"#
    private static let index = #"{"schemaVersion":2,"manifests":[]}"#

    private func type(_ text: String, _ served: String?) -> String {
        RawManifest(served: served.map { MediaType($0) }, bytes: Array(text.utf8)).mediaType.text
    }

    @Test(
        "an image's form counts before a type that no image has",
        arguments: [
            nil, "application/json", "application/octet-stream", "text/plain",
            "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
            "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.empty.v1+json",
            "application/vnd.foo+json", "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
        ]
    )
    func images(served: String?) { #expect(type(Self.image, served) == MediaType.ociManifest.text) }

    @Test(
        "an index's form does, too",
        arguments: [nil, "application/json", "application/vnd.oci.image.manifest.v1+json", "application/vnd.foo+json"]
    )
    func indexes(served: String?) { #expect(type(Self.index, served) == MediaType.ociIndex.text) }

    @Test("Docker's types stay, and so does what has no known form")
    func others() {
        #expect(type(Self.image, MediaType.dockerManifest.text) == MediaType.dockerManifest.text)
        #expect(type(Self.index, MediaType.dockerManifestList.text) == MediaType.dockerManifestList.text)
        #expect(type(#"{"blobs":[]}"#, "application/vnd.foo+json") == "application/vnd.foo+json")
        #expect(type("not JSON", "application/vnd.foo+json") == "application/vnd.foo+json")
        #expect(type(#"{"mediaType":"application/vnd.bar+json","config":{}}"#, nil) == "application/vnd.bar+json")
    }
}
