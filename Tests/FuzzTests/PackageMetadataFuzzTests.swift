import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("Whatever the metadata of a package says, a pinned image stays what it is")
struct PackageMetadataFuzzTests {
    /// A package of a filtered index and of another image, with metadata about it.
    private struct FilteredPackage {
        let trees: [ImageTree]
        let metadata: PackageMetadata
        let pinned: DigestReference
        let filtered: DigestReference
        let other: DigestReference

        init() throws {
            let repository = try Repository("r.io/app")
            func leaf(_ architecture: String) throws -> ImageNode {
                let config = Array(#"{"os":"linux","architecture":"\#(architecture)"}"#.utf8)
                let digest = Digest(of: config)
                let text = #"{"config":{"mediaType":"c","digest":"\#(digest)","size":\#(config.count)},"layers":[]}"#
                return try ImageNode(manifest: text, config: config)
            }
            let leaves = try ["amd64", "arm64", "s390x"].map(leaf)
            let entries = zip(leaves, ["amd64", "arm64", "s390x"]).map { leaf, architecture in
                #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(leaf.manifest.digest)","#
                    + #""size":\#(leaf.manifest.bytes.count),"platform":{"os":"linux","architecture":"\#(architecture)"}}"#
            }
            let text = #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#
            let whole = RawManifest(mediaType: .ociIndex, bytes: Array(text.utf8))
            let kept = try whole.keepingEntries { $0.digest == leaves[0].manifest.digest }
            pinned = DigestReference(repository: repository, digest: whole.digest)
            filtered = DigestReference(repository: repository, digest: kept.digest)
            other = leaves[2].reference
            trees = [
                .index(IndexNode(reference: filtered, manifest: kept, children: [.image(leaves[0])])),
                .image(leaves[2]),
            ]
            metadata = PackageMetadata(
                names: [.init(tag: Tag.cosign(of: leaves[0].manifest.digest)[0], image: other)],
                platformFilters: [
                    .init(index: pinned, filtered: filtered, platforms: [try Platform("linux/amd64")], whole: text)
                ]
            )
        }
    }

    @Test("a platform filter leads to what the pinned index proves, or to nothing; a tag is cosign's")
    func metadata() async throws {
        let honest = try FilteredPackage()
        let path = FileManager.default.temporaryDirectory.appending(path: "notes-fuzz-\(UUID()).tar").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await ArchiveWriter(path: path).write(
            try ArchivePlan(honest.trees, metadata: honest.metadata),
            from: { _ in MemoryBlobs() },
            atMost: 1
        )
        let whole = Array(try Data(contentsOf: URL(filePath: path)))
        let reader = try ArchiveReader(path: path)
        #expect(reader.metadata.platformFilter(of: honest.pinned)?.filtered == honest.filtered)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = Array(try encoder.encode(honest.metadata))
        let start = try #require(Self.entry(of: whole))
        let words =
            [
                honest.pinned, honest.filtered, honest.other,
            ].map { "\"\($0)\"" } + [
                "\"index\":", "\"slimmed\":", "\"whole\":", "\"platforms\":[]", "\"linux/arm64\"", "\"linux/s390x\"",
                "{}", ",",
                "\"Slimmed\":", "\"tag\":\"latest\"", "null", "\"names\":[]", "\"slimmings\":null",
            ]
        let allowed = Set(honest.trees.flatMap(\.all).map(\.manifest.digest).flatMap(Tag.cosign))
        var fuzzer = Fuzzer("metadata", seeds: [text], words: words)
        try await fuzzer.run { bytes in
            try Data(whole[..<start] + Self.block(bytes) + [UInt8](repeating: 0, count: 1024))
                .write(to: URL(filePath: path))
            let read: PackageMetadata
            do {
                read = try ArchiveReader(path: path).metadata
            } catch {
                // verify says so too.
                let faults = try await PackageVerification(path: path, atMost: 1).errors
                #expect(!faults.isEmpty, "\(error)")
                return
            }
            if let found = read.platformFilter(of: honest.pinned) { #expect(found.filtered == honest.filtered) }
            for name in read.names ?? [] { #expect(allowed.contains(name.tag)) }
        }
    }

    /// Where the entry of the metadata begins, which is the last.
    private static func entry(of bytes: [UInt8]) -> Int? {
        stride(from: 0, to: bytes.count, by: 512).first { bytes[$0...].starts(with: "kbld-notes.json".utf8) }
    }

    private static func block(_ data: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            header.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put("kbld-notes.json", 0)
        put("0000644", 100)
        put(octal(data.count, 11), 124)
        put("0", 156)
        put("ustar\u{0}00", 257)
        put("        ", 148)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
        return header + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
    }
}
