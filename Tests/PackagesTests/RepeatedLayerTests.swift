import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("A layer that is listed twice in one manifest")
struct RepeatedLayerTests {
    @Test("is listed both times with the first type and diff ID, as the original lists it")
    func types() async throws {
        let layer = Package.layers[0]
        func descriptor(_ type: String, _ bytes: [UInt8]) -> String { Descriptor(MediaType(type), of: bytes).json }
        let config = Array(#"{"rootfs":{"diff_ids":["sha256:one","sha256:two"]}}"#.utf8)
        let text = """
            {"config":\(descriptor("c", config)),"layers":[\(descriptor("x/first", layer)),\
            \(descriptor("x/second", layer))]}
            """
        let leaf = try ImageNode(manifest: text, config: config)
        let package = try await Package([.image(leaf)])
        defer { package.remove() }
        let json = String(decoding: package.bytes[package.entries[0].data], as: UTF8.self)
        let listed =
            #"{"MediaType":"x/first","Digest":"\#(Digest(of: layer))","DiffID":"sha256:one","Size":\#(layer.count)}"#
        #expect(json.contains(#""Layers":[\#(listed),\#(listed)]"#))
        #expect(try await PackageVerification(path: package.path, atMost: 1).findings.isEmpty)
    }

    @Test(
        "a manifest.json that programs read differently is refused",
        arguments: [
            ("\"Layers\":", "\"Layers\":[],\"Layers\":"), ("\"Refs\":", "\"refs\":"),
            ("\"Manifest\":", "\"manifest\":null,\"Manifest\":"), ("\"Raw\":", "\"RAW\":"),
        ]
    )
    func ambiguity(old: String, new: String) async throws {
        let package = try await Package()
        defer { package.remove() }
        let json = String(decoding: package.bytes[package.entries[0].data], as: UTF8.self)
        let altered = json.replacing(old, with: new, maxReplacements: 1)
        var other = package
        let size = (json.utf8.count + 511) / 512 * 512
        let data = Array(altered.utf8)
        let padded = data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
        other.bytes.replaceSubrange(512..<(512 + size), with: padded)
        let digits = String(data.count, radix: 8)
        other.patch(header: 0, at: 124, with: Array((String(repeating: "0", count: 11 - digits.count) + digits).utf8))
        #expect(throws: ArchiveError.self) { try other.read() }
    }
}
