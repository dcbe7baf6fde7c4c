import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("Whatever a package holds, it is read as it should be or refused")
struct PackageFuzzTests {
    /// A package of an index with one image of two layers, in parts.
    private struct Parts {
        var json: [UInt8]
        var layers: [[UInt8]]

        init() throws {
            func descriptor(_ type: String, _ bytes: [UInt8]) -> String {
                #"{"mediaType":"\#(type)","digest":"\#(Digest(of: bytes))","size":\#(bytes.count)}"#
            }
            func quoted(_ text: String) -> String {
                "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
            }
            layers = [Array("one".utf8), Array("another".utf8)]
            let config = #"{"rootfs":{"diff_ids":["sha256:1","sha256:2"]}}"#
            let list = layers.map { descriptor("application/vnd.oci.image.layer.v1.tar+gzip", $0) }
            let manifest =
                #"{"schemaVersion":2,"config":\#(descriptor("c", Array(config.utf8))),"layers":[\#(list.joined(separator: ","))]}"#
            let image = Digest(of: Array(manifest.utf8))
            let index =
                #"{"schemaVersion":2,"manifests":[\#(descriptor(MediaType.ociManifest.text, Array(manifest.utf8)))]}"#
            let root = Digest(of: Array(index.utf8))
            let entries = layers.map {
                #"{"MediaType":"application/vnd.oci.image.layer.v1.tar+gzip","Digest":"\#(Digest(of: $0))","DiffID":"","Size":\#($0.count)}"#
            }
            let leaf =
                #"{"Refs":["r.io/a@\#(image)"],"Layers":[\#(entries.joined(separator: ","))],"Config":{"Digest":"\#(Digest(of: Array(config.utf8)))","Raw":\#(quoted(config))},"#
                + #""Manifest":{"MediaType":"\#(MediaType.ociManifest)","Digest":"\#(image)","Raw":\#(quoted(manifest))}}"#
            let branch =
                #"{"Refs":["r.io/a@\#(root)"],"Images":[\#(leaf)],"Indexes":null,"MediaType":"\#(MediaType.ociIndex)","Digest":"\#(root)","Raw":\#(quoted(index))}"#
            json = Array(#"[{"ImageIndex":\#(branch),"Image":null},{"ImageIndex":null,"Image":\#(leaf)}]"#.utf8)
        }

        /// The tarball of the parts, with `json` as they have it or another.
        func tarball(_ json: [UInt8]? = nil) -> [UInt8] {
            let entries = layers.map { (name: "sha256-\(Digest(of: $0).hex).tar.gz", data: $0) }
            return TarBlocks.tarball([(name: "manifest.json", data: json ?? self.json)] + entries)
        }
    }

    /// Makes the checksum of the header at `offset` right, so that what comes after it is looked at.
    private static func mend(_ bytes: inout [UInt8], at offset: Int) {
        guard offset + 512 <= bytes.count else { return }
        for position in 148..<156 { bytes[offset + position] = 0x20 }
        let digits = String(bytes[offset..<(offset + 512)].reduce(0) { $0 + Int($1) }, radix: 8)
        let text = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\0 "
        bytes.replaceSubrange((offset + 148)..<(offset + 156), with: text.utf8)
    }

    private func read(_ bytes: [UInt8], at path: String) async {
        var isGood = false
        do {
            try Data(bytes).write(to: URL(filePath: path))
            let reader = try ArchiveReader(path: path)
            for tree in reader.trees {
                #expect(Digest(of: tree.manifest.bytes) == tree.reference.digest)
                for leaf in tree.images {
                    #expect(Digest(of: leaf.config) == leaf.parsed.config.digest)
                    for layer in leaf.packagedLayers { try await reader.verify(layer) }
                }
            }
            isGood = true
        } catch {
            #expect(error is ArchiveError, "\(error)")
            #expect("\(error)".contains(path), "\(error)")
        }
        await verify(path, isGood: isGood)
        await stream(path, isGood: isGood)
    }

    /// What is verified is good exactly when it can be read.
    private func verify(_ path: String, isGood: Bool) async {
        do {
            let faults = try await PackageVerification(path: path, atMost: 1).errors.filter { !$0.isPassedOver }
            if faults.isEmpty != isGood { Self.keep(path) }
            #expect(faults.isEmpty == isGood, "readers say \(isGood ? "yes" : "no"): \(faults)")
        } catch {
            Issue.record("\(error)")
        }
    }

    /// A stream is good exactly when the file is, but for what a stream can't have.
    private func stream(_ path: String, isGood: Bool) async {
        do {
            let stream = try await ArchiveStream(path: path)
            while let (_, body) = try await stream.next() {
                for try await _ in body {}
            }
            if !isGood { Self.keep(path) }
            #expect(isGood, "the stream is good, the file isn't")
        } catch {
            let isStreams = "\(error)".contains("give the package as a file")
            if isGood, !isStreams { Self.keep(path) }
            #expect(!isGood || isStreams, "the file is good, the stream isn't: \(error)")
        }
    }

    /// Keeps what was found out for a closer look.
    private static func keep(_ path: String) {
        let name = FileManager.default.temporaryDirectory.appending(path: "fuzz-found-\(UUID()).tar")
        try? FileManager.default.copyItem(at: URL(filePath: path), to: name)
    }

    @Test("tarballs with altered blocks, headers mended")
    func tarballs() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID()).tar").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = try Parts().tarball()
        await read(whole, at: path)
        #expect(try ArchiveReader(path: path).trees.count == 2)
        let words = [
            "\u{80}", "x", "L", "S", "g", "5", "1", "77777777777", "28 size=9223372036854775807\n", "9 path=a\n", "\0",
            "20 GNU.sparse.major=1\n",
        ]
        var fuzzer = Fuzzer("tarballs", seeds: [whole, Array(whole.suffix(2048)) + whole], words: words)
        var turn = 0
        await fuzzer.run { altered in
            var bytes = altered
            turn += 1
            if turn % 4 != 0 {
                for offset in stride(from: 0, to: bytes.count, by: 512) where bytes[offset] != 0 {
                    Self.mend(&bytes, at: offset)
                }
            }
            await read(bytes, at: path)
        }
    }

    @Test("packages with an altered manifest.json")
    func manifests() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID()).tar").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let parts = try Parts()
        let words = [
            "{", "}", "[", "]", "\"", ",", ":", "null", "\\u0000", "\"Indexes\":[", "\"Size\":", "\"Refs\":[]",
        ]
        var fuzzer = Fuzzer("manifest.json", seeds: [parts.json, Array("[{\"ImageIndex\":null}]".utf8)], words: words)
        await fuzzer.run { await read(parts.tarball($0), at: path) }
    }
}
