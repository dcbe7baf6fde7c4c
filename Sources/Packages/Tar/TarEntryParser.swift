/// What the blocks of a tarball mean: headers in ustar's, PAX's and GNU's form, and what extended ones say of the next.
///
/// This is a state machine that takes one header after the other and reads nothing itself. All that go through tarballs
/// drive it, so that they agree on every entry: ``TarIndex`` by place, ``TarStream`` in passing, ``TarWalk`` for faults.
/// Where tarballs can be taken in several ways, it takes them as Go's archive/tar does.
struct TarEntryParser {
    /// A header, and what is in the bytes after it.
    struct Item: Sendable {
        /// What the bytes are.
        enum Kind: Sendable, Equatable {
            /// An extended header, for the next entry.
            case extended(UInt8)
            /// A file's.
            case file
            /// None: a link, symbolic or hard, to what the tarball has under this name.
            case link(to: String)
            /// Something that no package needs.
            case other
        }

        let name: String
        let kind: Kind
        /// How many bytes there are, without their padding.
        let size: Int64
        /// Why readers refuse the tarball; nil for an entry that is as it should be.
        let fault: Fault?

        /// How many zeros follow the bytes.
        var padding: Int { TarHeader.padding(after: size) }
        var isExtended: Bool { if case .extended = kind { true } else { false } }
    }

    /// What can be wrong with an entry whose header can be read.
    enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// It has more bytes than the file.
        case tooLong(Int64, left: Int64)
        /// An extended header that nobody means.
        case extendedTooLong(Int64)
        /// A file that isn't stored byte by byte.
        case sparse
        /// There is another entry of the name; readers don't agree on which of them counts.
        case duplicate

        var description: String {
            switch self {
            case .tooLong(let size, let left):
                "it claims \(size) bytes, but the file has \(left) left: the file is truncated or altered"
            case .extendedTooLong(let size): "an extended header claims \(size) bytes"
            case .sparse: "sparse files are not supported in packages"
            case .duplicate: "there are two entries with this name"
            }
        }
    }

    private var records = PaxRecords()
    private var longName: String?
    private var longLinkName: String?
    private var names: Set<String> = []

    private static let extendedLimit: Int64 = 1 << 20

    /// The name that an extended header has given to the next entry.
    var pendingName: String? { longName ?? records.name }

    /// What a header block begins.
    ///
    /// - Parameter left: How many bytes there are after the block; nil if that isn't known.
    /// - Returns: Nil for a block of zeros, which ends the tarball.
    /// - Throws: `TarHeaderError` when it isn't a header.
    mutating func item(_ block: ArraySlice<UInt8>, left: Int64?) throws(TarHeaderError) -> Item? {
        guard block.contains(where: { $0 != 0 }) else { return nil }
        let header: TarHeaderBlock
        do {
            header = try TarHeaderBlock(block)
        } catch {
            throw TarHeaderError(reason: error.reason, entry: pendingName ?? error.entry)
        }
        let name = pendingName ?? header.name
        let kind = kind(of: header, name)
        let size: Int64 =
            switch kind {
            case .extended: header.size
            case .link: 0
            case .other where Self.isWithoutBytes(header.type): 0
            case .file, .other: records.size ?? header.size
            }
        var fault: Fault?
        switch kind {
        case .extended where size > Self.extendedLimit: fault = .extendedTooLong(size)
        case .extended: break
        default:
            if header.type == UInt8(ascii: "S") || records.isSparse { fault = .sparse }
            if kind != .other, !names.insert(Self.plainName(name)).inserted { fault = .duplicate }
            forget()
        }
        if let left, size > left { fault = .tooLong(size, left: left) }
        // What it says of all entries readers pass over; it ends what was said of the next.
        if kind == .extended(UInt8(ascii: "g")) { forget() }
        return Item(name: name, kind: kind, size: size, fault: fault)
    }

    /// Takes the bytes of an extended header.
    ///
    /// - Throws: `TarHeaderError` in words.
    mutating func take(_ bytes: [UInt8], of item: Item) throws(TarHeaderError) {
        guard case .extended(let type) = item.kind else { return }
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        switch type {
        case UInt8(ascii: "x"):
            records = PaxRecords()
            do {
                records = try PaxRecords(bytes)
            } catch {
                throw TarHeaderError(reason: error.reason, entry: item.name)
            }
        case UInt8(ascii: "L"): longName = text
        case UInt8(ascii: "K"): longLinkName = text
        default: break
        }
    }

    /// Drops what extended headers have said: reading goes on somewhere else.
    mutating func forget() {
        records = PaxRecords()
        longName = nil
        longLinkName = nil
    }

    /// A name without a leading `./`.
    static func plainName(_ name: String) -> String { name.hasPrefix("./") ? String(name.dropFirst(2)) : name }

    private func kind(of header: TarHeaderBlock, _ name: String) -> Item.Kind {
        switch header.type {
        case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"): return .extended(header.type)
        case UInt8(ascii: "0"): return .file
        // Before POSIX, folders were recognized by their names.
        case 0: return name.hasSuffix("/") ? .other : .file
        case UInt8(ascii: "1"), UInt8(ascii: "2"):
            let target = longLinkName ?? records.linkName ?? header.linkName
            return .link(to: header.type == UInt8(ascii: "2") ? Self.target(target, from: name) : target)
        default: return .other
        }
    }

    /// Whether no bytes follow, whatever the header says: devices, folders, pipes.
    private static func isWithoutBytes(_ type: UInt8) -> Bool {
        type == 0 || (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type)
    }

    /// The name that a symbolic link leads to, which is relative to the folder that the link is in.
    private static func target(_ text: String, from name: String) -> String {
        guard !text.hasPrefix("/") else { return text }
        var parts = name.split(separator: "/").dropLast()
        for part in text.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}
