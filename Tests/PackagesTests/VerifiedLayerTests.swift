import ContainerImage
import FoundationEssentials
import ImageStore
import NIOCore
import Packages
import Testing

@Suite("Layers that were verified")
struct VerifiedLayerTests {
    @Test("they need no second hash, and have the same bytes")
    func same() async throws {
        let package = try await Package()
        defer { package.remove() }
        let reader = try package.read()
        for (layer, expected) in zip(reader.trees[0].images[0].parsed.layers, Package.layers) {
            let verified = try await reader.verified(layer)
            #expect(verified.isVerified && !reader.isVerified && verified.name == package.path)
            #expect(try await verified.bytes(of: layer) == expected)
        }
    }

    @Test("a file that was written to since is named, with the entry", arguments: ["replaced", "longer", "touched"])
    func changed(how: String) async throws {
        let package = try await Package()
        defer { package.remove() }
        let reader = try package.read()
        let layer = reader.trees[0].images[0].parsed.layers[0]
        let verified = try await reader.verified(layer)
        let file = try FileHandle(package.path)
        switch how {
        case "replaced": try file.write([UInt8](repeating: 7, count: 4), at: package.entries[1].data.lowerBound)
        case "longer": try file.write([0], at: package.bytes.count)
        default: break
        }
        try file.setTime()
        let error = await #expect(throws: ArchiveError.self) { try await verified.bytes(of: layer) }
        #expect(error?.description.contains("'\(package.path)', entry '\(reader.entryName(of: layer))'") == true)
        #expect(error?.description.contains("changed") == true)
    }

    @Test("a file that is written to while its bytes are read is named")
    func changedMeanwhile() async throws {
        let layer = [UInt8](repeating: 7, count: 1 << 20)
        let layout = try Layout()
        let text = String(decoding: layer, as: UTF8.self)
        let config = try layout.add("{}", MediaType("application/vnd.oci.image.config.v1+json"))
        let described = try layout.add(text, MediaType("application/vnd.oci.image.layer.v1.tar"))
        let manifest =
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":\#(config),"layers":[\#(described)]}"#
        layout.entries = [try layout.add(manifest, .ociManifest)]
        try layout.finish()
        let package = try await AnyPackage(path: layout.path)
        let blob = try #require(package.trees.first?.images.first?.parsed.layers.first)
        let verified = try await package.verified(blob)
        var pieces = try await verified.content(of: blob, from: 0).makeAsyncIterator()
        #expect(try await pieces.next() != nil)
        try FileHandle(layout.path + "/" + package.entryName(of: blob)).setTime()
        await #expect(throws: ArchiveError.self) { try await pieces.next() }
    }
}

extension ImagePackage {
    /// What gives a layer's bytes again once they are verified.
    fileprivate func verified(_ layer: Descriptor) async throws -> any ImageSource {
        let check = try await check(of: layer)
        try await check.verify()
        return check.source
    }
}

/// A file that is written to in place.
private struct FileHandle: ~Copyable {
    private let path: String

    init(_ path: String) throws { self.path = path }

    func write(_ bytes: [UInt8], at offset: Int) throws {
        var content = Array(try Data(contentsOf: URL(filePath: path)))
        content.replaceSubrange(offset..<min(content.count, offset + bytes.count), with: bytes)
        try Data(content).write(to: URL(filePath: path))
    }

    /// Two writes within one tick of the clock have the same time.
    func setTime() throws {
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
    }
}
