import ContainerImage
import Testing

@Suite("Documents that programs read differently")
struct AmbiguityTests {
    private static let a = #"{"mediaType":"m","digest":"\#(Digest(of: [1]))","size":1}"#
    private static let b = #"{"mediaType":"m","digest":"\#(Digest(of: [2]))","size":1}"#

    private static func parse(_ text: String, as type: MediaType = .ociManifest) throws(ManifestError) -> Manifest {
        try RawManifest(mediaType: type, bytes: Array(text.utf8)).parsed()
    }

    @Test(
        "A duplicate key, or one that differs from a known one only in its spelling, is refused at any depth",
        arguments: [
            #"{"config":\#(a),"layers":[\#(a)],"layers":[\#(b)]}"#,
            #"{"config":\#(a),"layers":[\#(a)],"l\u0061yers":[\#(b)]}"#,
            #"{"config":\#(a),"layers":[\#(a)],"Layers":[\#(b)]}"#,
            #"{"config":\#(a),"LAYERS":[\#(b)]}"#,
            "{\"config\":\(a),\"layer\u{17F}\":[\(b)]}",
            #"{"config":\#(a),"layers":[{"mediaType":"m","digest":"\#(Digest(of: [1]))","size":1,"Digest":"x"}]}"#,
            #"{"config":\#(a),"layers":[{"mediaType":"m","digest":"\#(Digest(of: [1]))","size":1,"size":2}]}"#,
            #"{"config":\#(a),"layers":[],"annotations":{"k":"1","k":"2"}}"#,
            #"{"config":\#(a),"layers":[],"annotations":{"k":"1","\u006b":"2"}}"#,
            #"{"config":\#(a),"layers":[],"other":[{"x":{"y":1,"y":2}}]}"#,
            #"{"config":\#(a),"layers":[],"Subject":\#(b)}"#,
            #"{"mediaType":"m","MediaType":"m","config":\#(a),"layers":[]}"#,
        ]
    )
    func keys(text: String) {
        #expect(throws: ManifestError.self) { try Self.parse(text) }
    }

    @Test(
        "Platforms of entries are looked at as well",
        arguments: [
            #""os":"linux","OS":"x","architecture":"a""#, #""os":"linux","architecture":"a","architecture":"b""#,
        ]
    )
    func platforms(parts: String) {
        let entry = #"{"mediaType":"m","digest":"\#(Digest(of: [1]))","size":1,"platform":{\#(parts)}}"#
        #expect(throws: ManifestError.self) { try Self.parse(#"{"manifests":[\#(entry)]}"#, as: .ociIndex) }
    }

    @Test(
        "A document that is two things, or another one than it says, is refused",
        arguments: [
            #"{"manifests":[],"layers":[]}"#, #"{"manifests":[],"config":\#(a)}"#,
            #"{"mediaType":"\#(MediaType.ociIndex)","config":\#(a),"layers":[]}"#,
            #"{"mediaType":"\#(MediaType.ociManifest)","manifests":[]}"#,
            #"{"mediaType":"\#(MediaType.dockerManifestList)","schemaVersion":2}"#,
            #"{"config":\#(a),"layers":[],"fsLayers":[]}"#,
        ]
    )
    func kinds(text: String) {
        #expect(throws: ManifestError.self) { try Self.parse(text) }
    }

    @Test("One content is one thing under every type: an index and an image by turns it is never")
    func servedTypes() {
        let text = #"{"config":\#(Self.a),"layers":[\#(Self.a)],"manifests":[\#(Self.b)]}"#
        for type in [MediaType.ociIndex, .ociManifest, .octetStream] {
            #expect(throws: ManifestError.self) { try Self.parse(text, as: type) }
        }
    }

    @Test(
        "What people write into annotations and fields of their own is theirs",
        arguments: [
            #"{"config":\#(a),"layers":[\#(a),\#(b)],"annotations":{"size":"1","Size":"2","digest":"x","Digest":"y"}}"#,
            #"{"config":\#(a),"layers":[{"mediaType":"m","digest":"\#(Digest(of: [1]))","size":1,"annotations":{"URLS":"x"}}]}"#,
            #"{"config":\#(a),"layers":[],"vendor":{"Layers":1,"layers":2},"x-Layers":[]}"#,
            #"{"config":\#(a),"layers":[\#(a),\#(a)],"manifests":null,"subject":null}"#,
            #" { "schemaVersion" : 2 , "config":\#(a),"layers":[], "annotations": {"a\"b": "}", "a": "{\"layers\":"} } "#,
        ]
    )
    func ownData(text: String) throws {
        _ = try Self.parse(text)
    }

    @Test("Documents in UTF-16 are refused: other decoders don't read them")
    func encodings() {
        let bytes: [UInt8] = Array(#"{"config":\#(Self.a),"layers":[]}"#.utf8).flatMap { [$0, UInt8(0)] }
        #expect(throws: ManifestError.self) { try RawManifest(mediaType: .ociManifest, bytes: bytes).parsed() }
    }

    @Test("An escaped key of entries is cut as it is read")
    func escapedEntries() throws {
        let whole = RawManifest(
            mediaType: .ociIndex,
            bytes: Array(#"{"m\u0061nifests":[\#(Self.a),\#(Self.b)],"x":"manifests"}"#.utf8)
        )
        let kept = try whole.keepingEntries { $0.digest == Digest(of: [2]) }
        #expect(String(decoding: kept.bytes, as: UTF8.self) == #"{"m\u0061nifests":[\#(Self.b)],"x":"manifests"}"#)
    }

    @Test(
        "A platform may lack its parts, and fits nothing then",
        arguments: ["{}", #"{"os":"linux"}"#, #"{"architecture":"amd64"}"#]
    )
    func platformParts(platform: String) throws {
        let entry = #"{"mediaType":"m","digest":"\#(Digest(of: [1]))","size":1,"platform":\#(platform)}"#
        guard case .index(let index) = try Self.parse(#"{"manifests":[\#(entry)]}"#, as: .ociIndex) else {
            throw CancellationError()
        }
        let stated = try #require(index.manifests[0].platform)
        #expect(!stated.satisfies(try Platform("linux/amd64")))
        #expect(stated.description.contains("unknown"))
    }

    @Test(
        "No part of a repository's path is a dot or two, and no tag",
        arguments: ["r.io/../x", "r.io/a/./b", "r.io/a/..", "r.io/..", "../a/b", "a/../b", "r.io/a:..", "r.io/a:."]
    )
    func dots(text: String) {
        #expect(throws: ReferenceError.self) { try ImageReference(text) }
        #expect(throws: ReferenceError.self) { try ImageReference(text + "@\(Digest(of: [1]))") }
    }

    @Test("Dots within parts stay allowed", arguments: ["r.io/a..b/c", "r.io/.a/b.", "r.io/...", "r.io/a:.x"])
    func innerDots(text: String) throws { _ = try ImageReference(text) }
}
