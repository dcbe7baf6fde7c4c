import ContainerImage
import Testing

private let someDigest = "sha256:" + String(repeating: "0", count: 64)
private let someDescriptor = #"{"mediaType":"c","digest":"\#(someDigest)","size":2}"#

@Suite("Manifests, platforms and media types")
struct ManifestTests {
    private func parse(_ text: String, as type: MediaType) throws(ManifestError) -> Manifest {
        try RawManifest(mediaType: type, bytes: Array(text.utf8)).parsed()
    }

    @Test("the digest is that of the exact bytes")
    func digest() {
        let manifest = RawManifest(mediaType: .ociManifest, bytes: Array("hello".utf8))
        #expect(manifest.digest.hex == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(manifest.descriptor.size == 5)
    }

    @Test("an image, with the type of the registry's answer where its own is left out")
    func image() throws {
        let manifest = try parse(#"{"config":\#(someDescriptor),"layers":[\#(someDescriptor)]}"#, as: .dockerManifest)
        guard case .image(let image) = manifest else {
            Issue.record("this is an image")
            return
        }
        #expect(image.mediaType == .dockerManifest)
        #expect(image.config.size == 2)
        #expect(image.layers.count == 1)
    }

    @Test("an index, also an empty one")
    func index() throws {
        let empty = try parse(#"{"manifests":[]}"#, as: .ociIndex)
        let one = try parse(#"{"manifests":[\#(someDescriptor)]}"#, as: .dockerManifestList)
        guard case .index(let none) = empty, case .index(let index) = one else {
            Issue.record("these are indexes")
            return
        }
        #expect(none.manifests.isEmpty)
        #expect(index.manifests.count == 1)
    }

    @Test(
        "what is not a manifest is refused",
        arguments: [
            ("<html><title>Log in</title></html>", MediaType("text/html")),
            ("{}", MediaType("text/html; charset=utf-8")),
            (#"{"config":{"digest":"sha256:00","size":1}}"#, .ociManifest),
            (#"{"config":{"digest":"\#(someDigest)","size":-1}}"#, .ociManifest),
            (#"{"layers":[]}"#, .ociManifest),
            (#"{"schemaVersion":1,"fsLayers":[]}"#, .ociManifest),
            ("{}", MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws")),
            (String(repeating: "[", count: 200_000), .ociManifest),
            (#"{"a":"# + String(repeating: "[", count: 200_000), .ociIndex),
            ("", .ociManifest),
        ]
    )
    func refusals(text: String, type: MediaType) {
        #expect(throws: ManifestError.self) { try parse(text, as: type) }
    }

    @Test(
        "platforms",
        arguments: [
            ("linux/amd64", Platform(os: "linux", architecture: "amd64")),
            ("linux/arm/v7", Platform(os: "linux", architecture: "arm", variant: "v7")),
            ("windows/amd64:10.0.1", Platform(os: "windows", architecture: "amd64", osVersion: "10.0.1")),
        ]
    )
    func platforms(text: String, platform: Platform) throws {
        #expect(try Platform(text) == platform)
        #expect(platform.description == text)
    }

    @Test("an empty variant or version stands for any", arguments: ["linux/arm/", "linux/arm:", "linux/arm/:"])
    func anyVariant(text: String) throws {
        #expect(try Platform(text) == Platform(os: "linux", architecture: "arm"))
    }

    @Test(
        "malformed platforms are refused",
        arguments: ["", "linux", "linux/", "/amd64", "a/b/c/d", "/", ":"]
    )
    func malformedPlatforms(text: String) {
        let error = #expect(throws: PlatformError.self) { try Platform(text) }
        #expect(error?.description.contains("'\(text)'") == true)
    }

    @Test("a platform serves what it agrees with")
    func satisfies() {
        let arm = Platform(os: "linux", architecture: "arm", variant: "v7", osFeatures: ["a", "b"])
        #expect(arm.satisfies(Platform(os: "linux", architecture: "arm")))
        #expect(arm.satisfies(Platform(os: "linux", architecture: "arm", variant: "v7", osFeatures: ["b"])))
        #expect(!arm.satisfies(Platform(os: "linux", architecture: "arm", variant: "v6")))
        #expect(!arm.satisfies(Platform(os: "linux", architecture: "arm", osFeatures: ["c"])))
        #expect(!arm.satisfies(Platform(os: "", architecture: "arm")))
        #expect(!arm.satisfies(Platform(os: "linux", architecture: "arm64")))
    }

    @Test(
        "foreign and non-distributable layers are distinguished",
        arguments: [
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", false),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", false),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar", false),
            ("application/vnd.oci.image.layer.v1.tar+zstd", true),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", true),
            ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", true),
        ]
    )
    func distributable(type: String, isDistributable: Bool) {
        #expect(MediaType(type).isDistributable == isDistributable)
    }

    @Test("diff IDs are those of the config, and none for other configs")
    func diffIDs() {
        #expect(ImageConfig(Array(#"{"rootfs":{"diff_ids":["sha256:1","sha256:2"]}}"#.utf8)).diffIDs.count == 2)
        for text in ["{}", "", "[]", #"{"rootfs":null}"#, "not json"] {
            #expect(ImageConfig(Array(text.utf8)).diffIDs.isEmpty)
        }
    }
}
