import Algorithms
import ContainerImage
import FoundationEssentials

/// What tells the parts of a package that was cut into files: their names, sizes and sums (docs/format.md, "Parts"). It is
/// written last, so a package is whole where there is one.
public struct VolumeIndex: Hashable, Sendable, Codable {
    /// One file of the package.
    public struct Part: Hashable, Sendable, Codable {
        /// The name of the file, in the folder of the index.
        public let name: String
        /// Where its first byte stands in the package.
        public let offset: Int64
        /// How many bytes it has.
        public let size: Int64
        /// Its SHA-256, in hexadecimal digits.
        public let sha256: String

        /// Where the byte after its last one stands.
        package var end: Int64 { offset + size }
    }

    /// The version of this form.
    public let format: Int
    /// How many bytes the package has.
    public let size: Int64
    /// The SHA-256 of the whole package, in hexadecimal digits.
    public let sha256: String
    /// The SHA-256 of its `manifest.json`, which leads to every other byte.
    public let manifest: String
    /// The files, in order.
    public let parts: [Part]

    /// How the name of an index ends, after that of the package.
    public static let suffix = ".volumes.json"
    /// The most parts that a package has.
    package static let largestCount = 9999
    /// The most bytes that an index of that many has.
    static let largestSize: Int64 = 8 << 20

    init(size: Int64, sha256: String, manifest: String, parts: [Part]) {
        format = 1
        self.size = size
        self.sha256 = sha256
        self.manifest = manifest
        self.parts = parts
    }

    /// The path of the index of the package `path`.
    package static func path(of package: String) -> String { package + suffix }

    /// The name of a part: `images.tar.007`.
    ///
    /// - Parameters:
    ///   - number: Counted from one.
    ///   - count: How many there are: all names are of one length.
    static func name(ofPart number: Int, of count: Int, in package: String) -> String {
        let digits = String(number)
        let width = max(3, String(count).count)
        return package + "." + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The path of the index that lists the file `path`; nil if there is none.
    static func listing(_ path: String) -> String? {
        let digits = path.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        guard digits >= 3, path.utf8.count > digits + 1, path.utf8.dropLast(digits).last == UInt8(ascii: ".") else {
            return nil
        }
        let index = Self.path(of: String(path.dropLast(digits + 1)))
        let name = VolumeLayout.name(of: path)
        return (try? Self(path: index))?.parts.contains { $0.name == name } == true ? index : nil
    }

    /// Reads the index at `path`.
    ///
    /// - Throws: `ArchiveError` when it can't be read, or isn't one.
    public init(path: String) throws(ArchiveError) {
        let file = try RandomAccessFile(plain: path)
        guard file.size <= Self.largestSize else {
            throw .damaged(path: path, entry: nil, reason: "it is too large for the index of a package's parts")
        }
        try self.init(decoding: try file.bytes(at: 0, count: Int(file.size), entry: nil), path: path)
    }

    init(decoding bytes: [UInt8], path: String) throws(ArchiveError) {
        do {
            guard JSONNesting.isWithinLimit(bytes) else { throw JSONAmbiguityError.zeroByte }
            try Self.shape.check(bytes)
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .damaged(path: path, entry: nil, reason: "it is not the JSON of an index of a package's parts")
        }
        if let problem { throw .damaged(path: path, entry: nil, reason: "\(problem)") }
    }

    private static let shape: JSONShape = .object(knowing: [
        "format": .anything, "size": .anything, "sha256": .anything, "manifest": .anything,
        "parts": .list(
            .object(knowing: ["name": .anything, "offset": .anything, "size": .anything, "sha256": .anything])
        ),
    ])

    /// What is wrong with what it says; nil if nothing is.
    private var problem: String? {
        guard format == 1 else { return "its format is \(format), which this version doesn't know; use a newer one" }
        guard !parts.isEmpty, parts.count <= Self.largestCount else {
            return "it has \(parts.count) parts, and not 1 to \(Self.largestCount)"
        }
        guard Set(parts.map { Array($0.name.utf8) }).count == parts.count else { return "two parts have one name" }
        var end: Int64 = 0
        for part in parts {
            guard Self.isFileName(part.name) else { return "the part's name '\(part.name)' is not a file's name" }
            let (next, overflow) = end.addingReportingOverflow(part.size)
            guard part.size > 0, part.offset == end, !overflow else {
                return "the part '\(part.name)' doesn't follow on the one before it"
            }
            end = next
        }
        guard end == size else { return "its parts have \(end) bytes, and the package \(size)" }
        let sums = [sha256, manifest] + parts.map(\.sha256)
        return sums.allSatisfy(Self.isSum) ? nil : "it has a sum that is not SHA-256 in hexadecimal digits"
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && name.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 != 0 }
    }

    private static func isSum(_ text: String) -> Bool { (try? Digest("sha256:\(text)")) != nil }

    /// Its bytes, the same for the same parts.
    package func encoded() throws(ArchiveError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            throw .file(path: Self.suffix, doing: "Encoding", reason: "\(error)")
        }
    }

    /// The parts that have bytes of `range`, by their positions.
    package func positions(of range: Range<Int64>) -> Range<Int> {
        let first = parts.partitioningIndex { $0.end > range.lowerBound }
        let end = parts[first...].partitioningIndex { $0.offset >= range.upperBound }
        return first..<max(first, end)
    }
}
