import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport

/// A package of one image with two layers, written to a temporary file.
struct Package {
    static let layers = [Array("first layer".utf8), Array("second, a longer layer".utf8)]

    let path: String
    var bytes: [UInt8]

    /// Writes a package of the one image, or of others, and reads its bytes.
    init(_ trees: [ImageTree]? = nil, layers: [[UInt8]] = Package.layers) async throws {
        path = FileManager.default.temporaryDirectory.appending(path: "package-\(UUID()).tar").path
        let plan = try ArchivePlan(trees ?? [try Self.tree()])
        try await ArchiveWriter(path: path).write(plan, from: { _ in MemoryBlobs(layers) }, atMost: 4)
        bytes = Array(try Data(contentsOf: URL(filePath: path)))
    }

    static func tree() throws -> ImageTree {
        let config = Array(#"{"rootfs":{"diff_ids":["sha256:one","sha256:two"]}, "note":"<&>\u2028"}"#.utf8)
        let list = layers.map { Descriptor(MediaType(SampleImage.layerType), of: $0).json }.joined(separator: ",")
        let text =
            #"{"config":\#(Descriptor(MediaType("c"), of: config).json),"layers":[\#(list)],"annotations":{"k":"é <b>"}}"#
        return .image(try ImageNode(manifest: text, config: config))
    }

    /// Reads the package with its bytes as they are now.
    func read() throws -> ArchiveReader {
        try Data(bytes).write(to: URL(filePath: path))
        return try ArchiveReader(path: path)
    }

    /// The entries: their names, and where header and data are.
    var entries: [(name: String, header: Int, data: Range<Int>)] {
        var found: [(name: String, header: Int, data: Range<Int>)] = []
        var offset = 0
        while offset < bytes.count, bytes[offset] != 0 {
            let name = String(decoding: bytes[offset..<(offset + 100)].prefix { $0 != 0 }, as: UTF8.self)
            let digits = String(decoding: bytes[(offset + 124)..<(offset + 135)], as: UTF8.self)
            let size = Int(digits, radix: 8) ?? 0
            found.append((name, offset, (offset + 512)..<(offset + 512 + size)))
            offset += 512 + (size + 511) / 512 * 512
        }
        return found
    }

    /// Puts `bytes` at `offset` of a header, and mends its checksum.
    mutating func patch(header: Int, at offset: Int, with patch: [UInt8]) {
        bytes.replaceSubrange((header + offset)..<(header + offset + patch.count), with: patch)
        for position in 148..<156 { bytes[header + position] = 0x20 }
        let sum = bytes[header..<(header + 512)].reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        let text = String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} "
        bytes.replaceSubrange((header + 148)..<(header + 156), with: Array(text.utf8))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
