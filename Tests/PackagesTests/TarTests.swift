import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("All that read tarballs agree")
struct TarTests {
    private func entry(_ name: String, _ data: [UInt8], _ type: Character = "0", size: Int? = nil) -> [UInt8] {
        TarBlocks.entry(name, data, type, size: size)
    }

    private func pax(_ records: String...) -> [UInt8] {
        let lines = records.map { record in
            let rest = record.utf8.count + 2
            let length = rest + "\(rest + "\(rest)".count)".count
            return "\(length) \(record)\n"
        }
        return entry("PaxHeaders.0/x", Array(lines.joined().utf8), "x")
    }

    /// Whether each of the three takes a package with `more` before its layers; they must agree.
    private func isTaken(_ more: [UInt8], cutting count: Int = 0) async throws -> Bool {
        var package = try await Package()
        defer { package.remove() }
        package.bytes.insert(contentsOf: more, at: package.entries[1].header)
        package.bytes.removeLast(count)
        let file = (try? package.read()) != nil
        let faults = try await PackageVerification(path: package.path, atMost: 1).errors.filter { !$0.isPassedOver }
        #expect(faults.isEmpty == file, "\(faults)")
        var stream = true
        do {
            let layers = try await ArchiveStream(path: package.path)
            while let (_, body) = try await layers.next() {
                for try await _ in body {}
            }
        } catch {
            stream = false
        }
        #expect(stream == file)
        return file
    }

    @Test("what isn't as it should be is refused by all")
    func refused() async throws {
        let ways: [String: [UInt8]] = [
            "a sparse file": entry("big", Array("abcd".utf8), "S"),
            "a sparse file of PAX": pax("GNU.sparse.major=1") + entry("big", Array("abcd".utf8)),
            "a file twice": entry("x", [1]) + entry("x", [2]),
            "a file and a link of one name": entry("x", [1]) + entry("x", [], "2"),
            "a file twice, once by ./": entry("x", [1]) + entry("./x", [1]),
            "a record without its line break": entry("p", Array("8 path=ab".utf8), "x") + entry("y", [1]),
            "half a record": entry("p", Array("9 path=ab\nrest".utf8), "x") + entry("y", [1]),
            "a size of letters": pax("size=1x") + entry("y", [1]),
            "a size with a sign": pax("size=+1") + entry("y", [1]),
            "a size of many digits": pax("size=99999999999999999999") + entry("y", [1]),
            "a global header of 2 MiB": entry("g", [UInt8](repeating: 65, count: 2 << 20), "g"),
            "a long link of 2 MiB": entry("k", [UInt8](repeating: 65, count: 2 << 20), "K") + entry("l", [], "2"),
        ]
        for (name, way) in ways { #expect(try await !isTaken(way), "\(name)") }
    }

    @Test("what does no harm is taken by all")
    func taken() async throws {
        let ways: [String: [UInt8]] = [
            "a folder that claims bytes": entry("d/", [], "5", size: 1024),
            "a link that claims bytes": entry("l", [], "1", size: 5000),
            "an old folder": entry("old/", [], "\u{0}", size: 700),
            "a device": entry("dev", [], "3", size: 9),
            "a folder twice": entry("d/", [], "5") + entry("d/", [], "5"),
            "an unknown type with bytes": entry("v", [1, 2, 3], "V"),
            "a size in PAX of an unknown type": pax("size=3") + entry("v", [1, 2, 3], "V", size: 0),
            "the last of two extended headers": pax("path=a\u{0}".replacing("\u{0}", with: "b"))
                + pax("comment=c") + entry("y", [1]),
            "an empty value": pax("path=") + entry("y", [1]),
            "a long name before a PAX one": entry("L", Array("long\u{0}".utf8), "L") + pax("path=p") + entry("y", [1]),
        ]
        for (name, way) in ways { #expect(try await isTaken(way), "\(name)") }
    }

    @Test("a tarball may lack its end and the padding of its last entry", arguments: [512, 1024, 1025, 1500])
    func ends(count: Int) async throws { #expect(try await isTaken([], cutting: count)) }

    @Test("a tarball that ends within an entry is refused by all")
    func cut() async throws { #expect(try await !isTaken([], cutting: 1024 + 512 - 5)) }

    @Test("metadata behind the layers is refused in a stream, and counts in a file")
    func lateNotes() async throws {
        var package = try await Package()
        defer { package.remove() }
        package.bytes.insert(contentsOf: entry("kbld-notes.json", Array("{}".utf8)), at: package.bytes.count - 1024)
        #expect(try package.read().trees.count == 1)
        let stream = try await ArchiveStream(path: package.path)
        await #expect(throws: ArchiveError.self) {
            while let (_, body) = try await stream.next() {
                for try await _ in body {}
            }
        }
    }
}
