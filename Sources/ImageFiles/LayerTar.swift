import ImageStore
import NIOCore
import Packages

/// Reads the tarball of a layer from its first byte to its last. Belongs to one reader.
struct LayerTar {
    private var bytes: LayerBytes
    private var buffer = ByteBuffer()
    private var count = 0
    /// What is left of the entry that is being read, and the padding after it.
    private var rest: Int64 = 0
    private var padding: Int64 = 0

    private static let blockSize = 512
    private static let extendedLimit: Int64 = 1 << 20
    /// As long as a path may be.
    private static let nameLimit = 4096

    init(_ body: BlobBody) { bytes = LayerBytes(body) }

    /// The next entry; nil at the end, when the layer has been read to its last byte.
    ///
    /// - Throws: `LayerFault` for what isn't a tarball; what reading throws.
    mutating func next() async throws -> LayerEntry? {
        try await pass(rest, isPadding: false)
        try await pass(padding, isPadding: true)
        (rest, padding) = (0, 0)
        var records = PaxRecords()
        var longName: [UInt8]?
        var longLinkName: [UInt8]?
        while let block = try await block() {
            guard block.contains(where: { $0 != 0 }) else { break }
            let header = try header(block)
            switch header.type {
            case UInt8(ascii: "x"):
                do {
                    records = try PaxRecords(try await extended(header))
                } catch let error as TarHeaderError {
                    throw LayerFault(error.reason, entry: error.entry)
                }
            case UInt8(ascii: "g"): _ = try await extended(header)
            case UInt8(ascii: "L"): longName = text(try await extended(header))
            case UInt8(ascii: "K"): longLinkName = text(try await extended(header))
            default:
                let name = longName ?? records.nameBytes ?? header.nameBytes
                let link = longLinkName ?? records.linkNameBytes ?? header.linkNameBytes
                guard name.count <= Self.nameLimit, link.count <= Self.nameLimit else {
                    throw LayerFault("a name in it is longer than \(Self.nameLimit) bytes")
                }
                return try entry(header, name, link, records)
            }
        }
        try await bytes.finish()
        return nil
    }

    /// The next bytes of the entry that `next()` gave; nil at its end.
    mutating func chunk() async throws -> ByteBuffer? {
        guard rest > 0 else { return nil }
        if buffer.readableBytes == 0 {
            guard let more = try await bytes.next() else { throw Self.truncated }
            buffer = more
        }
        let length = Int(min(rest, Int64(buffer.readableBytes)))
        rest -= Int64(length)
        return buffer.readSlice(length: length)
    }

    private mutating func entry(
        _ header: TarHeaderBlock,
        _ name: [UInt8],
        _ link: [UInt8],
        _ records: PaxRecords
    ) throws(LayerFault) -> LayerEntry {
        let kind: LayerEntry.Kind
        switch header.type {
        case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): kind = name.last == UInt8(ascii: "/") ? .folder : .file
        case UInt8(ascii: "1"): kind = .hardLink(link)
        case UInt8(ascii: "2"): kind = .symbolicLink(link)
        case UInt8(ascii: "5"): kind = .folder
        // Its pieces may be listed in further blocks.
        case UInt8(ascii: "S"):
            throw LayerFault("it has a sparse file in GNU's old form", entry: String(decoding: name, as: UTF8.self))
        default: kind = .other
        }
        let size = hasBytes(header.type) ? records.size ?? header.size : 0
        rest = size
        padding = (Int64(Self.blockSize) - size % Int64(Self.blockSize)) % Int64(Self.blockSize)
        defer { count += 1 }
        return LayerEntry(
            number: count,
            path: FileName.path(name),
            kind: records.isSparse && kind == .file ? .other : kind,
            size: size,
            isExecutable: header.isExecutable
        )
    }

    /// Links, devices, folders and pipes have none, whatever the header says.
    private func hasBytes(_ type: UInt8) -> Bool { !(UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type) }

    private func header(_ block: [UInt8]) throws(LayerFault) -> TarHeaderBlock {
        do {
            return try TarHeaderBlock(block[...])
        } catch {
            throw LayerFault(count == 0 ? "it is not a tarball" : error.reason, entry: error.entry)
        }
    }

    private mutating func extended(_ header: TarHeaderBlock) async throws -> [UInt8] {
        guard header.size <= Self.extendedLimit else {
            throw LayerFault("an extended header claims \(header.size) bytes", entry: header.name)
        }
        let size = Int(header.size)
        let padded = (size + Self.blockSize - 1) / Self.blockSize * Self.blockSize
        guard try await gather(padded), let bytes = buffer.readBytes(length: padded) else { throw Self.truncated }
        return Array(bytes.prefix(size))
    }

    private func text(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.prefix { $0 != 0 }) }

    /// The next block; nil if the layer ends.
    private mutating func block() async throws -> [UInt8]? {
        guard try await gather(Self.blockSize) else {
            guard buffer.readableBytes == 0 else { throw Self.truncated }
            return nil
        }
        return buffer.readBytes(length: Self.blockSize)
    }

    /// Whether there are as many bytes.
    private mutating func gather(_ count: Int) async throws -> Bool {
        while buffer.readableBytes < count {
            guard var more = try await bytes.next() else { return false }
            if buffer.readableBytes == 0 { buffer = more } else { buffer.writeBuffer(&more) }
        }
        return true
    }

    /// A tarball may end without the padding of its last entry.
    private mutating func pass(_ count: Int64, isPadding: Bool) async throws {
        var left = count
        while left > 0 {
            if buffer.readableBytes == 0 {
                guard let more = try await bytes.next() else {
                    guard isPadding else { throw Self.truncated }
                    return
                }
                buffer = more
            }
            let step = Int(min(left, Int64(buffer.readableBytes)))
            buffer.moveReaderIndex(forwardBy: step)
            left -= Int64(step)
        }
    }

    private static let truncated = LayerFault("its tarball ends too early")
}
