import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import Testing

@Suite("Packages read from the first byte to the last")
struct ArchiveStreamTests {
    /// Reads a package to its end, all layers included.
    private func read(_ package: Package) async throws -> [Digest] {
        try Data(package.bytes).write(to: URL(filePath: package.path))
        let stream = try await ArchiveStream(path: package.path)
        var found: [Digest] = []
        while let (blob, body) = try await stream.next() {
            for try await _ in body {}
            found.append(blob.digest)
        }
        return found
    }

    /// A header block like that of the first layer, with another name, type and size.
    private func header(_ package: Package, name: String, type: String, size: [UInt8]) -> [UInt8] {
        var copy = package
        let header = package.entries[1].header
        copy.patch(header: header, at: 0, with: Array(name.utf8) + [UInt8](repeating: 0, count: 100 - name.utf8.count))
        copy.patch(header: header, at: 124, with: size)
        copy.patch(header: header, at: 156, with: Array(type.utf8))
        return Array(copy.bytes[header..<(header + 512)])
    }

    @Test("all layers come, in the order of their digests")
    func layers() async throws {
        let package = try await Package()
        defer { package.remove() }
        #expect(try await read(package) == Package.layers.map { Digest(of: $0) }.sorted())
    }

    @Test("a stream that ends too early is refused, wherever it ends")
    func truncation() async throws {
        var package = try await Package()
        defer { package.remove() }
        let whole = package.bytes
        for end in stride(from: 0, to: whole.count - 1536, by: 100) {
            package.bytes = Array(whole[..<end])
            await #expect(throws: ArchiveError.self) { try await read(package) }
        }
    }

    @Test("a stream that another program compressed is refused with the program that decompresses it")
    func compression() async throws {
        var package = try await Package()
        defer { package.remove() }
        for (start, program) in [
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A] as [UInt8], "xz -dc"), ([0x42, 0x5A, 0x68], "bzip2 -dc"),
        ] {
            package.bytes.replaceSubrange(..<start.count, with: start)
            let error = await #expect(throws: ArchiveError.self) { try await read(package) }
            #expect(error.map { "\($0)" }?.contains(program) == true)
        }
    }

    @Test("endless zeros are not a package, and aren't waited for")
    func zeros() async {
        let error = await #expect(throws: ArchiveError.self) { try await ArchiveStream(path: "/dev/zero") }
        #expect(error.map { "\($0)" }?.contains("'manifest.json' is missing") == true)
    }

    @Test("an entry that claims all the bytes there can be is refused", arguments: ["0", "7", "x", "L", "S"])
    func absurdSize(type: String) async throws {
        var package = try await Package()
        defer { package.remove() }
        let most: [UInt8] = [0x80, 0, 0, 0, 0x7F] + [UInt8](repeating: 0xFF, count: 7)
        let entry = header(package, name: "other", type: type, size: most)
        package.bytes.insert(contentsOf: entry, at: package.entries[1].header)
        await #expect(throws: ArchiveError.self) { try await read(package) }
    }

    @Test(
        "a size or name that an extended header can't mean is refused",
        arguments: ["size=-1", "size=x", "path=a\u{0}b"]
    )
    func badExtendedHeader(record: String) async throws {
        var package = try await Package()
        defer { package.remove() }
        let bytes = Array("\(record.utf8.count + 4) \(record)\n".utf8)
        let size =
            Array(String(String(repeating: "0", count: 10) + String(bytes.count, radix: 8)).utf8.suffix(11)) + [0]
        let entry = header(package, name: "PaxHeaders.0/x", type: "x", size: size)
        package.bytes.insert(
            contentsOf: entry + bytes + [UInt8](repeating: 0, count: 512 - bytes.count),
            at: package.entries[1].header
        )
        let error = await #expect(throws: ArchiveError.self) { try await read(package) }
        #expect(error?.description.contains("extended header") == true)
    }

    @Test("two entries of one layer are refused")
    func twice() async throws {
        var package = try await Package()
        defer { package.remove() }
        let entries = package.entries
        package.bytes.insert(
            contentsOf: package.bytes[entries[1].header..<entries[2].header],
            at: entries[1].header
        )
        let error = await #expect(throws: ArchiveError.self) { try await read(package) }
        #expect(error?.description.contains("two entries") == true)
    }

    @Test("random damage is refused or does no harm, and never ends the program")
    func randomDamage() async throws {
        var package = try await Package()
        defer { package.remove() }
        let whole = package.bytes
        var state: UInt64 = 5
        for _ in 0..<1000 {
            package.bytes = whole
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                package.bytes[Int((state >> 33) % UInt64(whole.count))] = UInt8(truncatingIfNeeded: state >> 20)
            }
            guard let found = try? await read(package) else { continue }
            #expect(found == Package.layers.map { Digest(of: $0) }.sorted())
        }
    }
}
