import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("Packages")
struct ArchiveTests {
    @Test("manifest.json comes first, then the layers in the order of their digests")
    func layout() async throws {
        let package = try await Package()
        defer { package.remove() }
        let digests = Package.layers.map { Digest(of: $0) }.sorted()
        #expect(package.entries.map(\.name) == ["manifest.json"] + digests.map { "sha256-\($0.hex).tar.gz" })
        #expect(package.bytes.count % 512 == 0)
        #expect(package.bytes.suffix(1024).allSatisfy { $0 == 0 })
        let header = String(decoding: package.bytes[100..<148], as: UTF8.self)
        #expect(header.hasPrefix("0000644\u{0}0000000\u{0}0000000\u{0}"))
        #expect(String(decoding: package.bytes[257..<265], as: UTF8.self) == "ustar\u{0}00")
        #expect(String(decoding: package.bytes[329..<345], as: UTF8.self) == "0000000\u{0}0000000\u{0}")
    }

    @Test("manifest.json is compact JSON with Go's escapes and keys in their order")
    func manifest() async throws {
        let package = try await Package()
        defer { package.remove() }
        let text = String(decoding: package.bytes[package.entries[0].data], as: UTF8.self)
        #expect(text.hasPrefix(#"[{"ImageIndex":null,"Image":{"Refs":["r.io/app@sha256:"#))
        #expect(text.contains(#""DiffID":"sha256:one","Size":11},{"#))
        #expect(text.contains(#"\"note\":\"\u003c\u0026\u003e\\u2028\"}"},"Manifest":{"MediaType":"#))
        #expect(text.contains(#"\"k\":\"é \u003cb\u003e\"}}"}}}]"#))
    }

    @Test("a package without images is null, as Go writes no list, and is read as one")
    func noImages() async throws {
        let package = try await Package([])
        defer { package.remove() }
        #expect(String(decoding: package.bytes[package.entries[0].data], as: UTF8.self) == "null")
        #expect(try package.read().trees.isEmpty)
    }

    @Test("what is written is read as the same")
    func reading() async throws {
        let package = try await Package()
        defer { package.remove() }
        let reader = try package.read()
        let tree = try Package.tree()
        #expect(reader.trees.map(\.reference) == [tree.reference])
        #expect(reader.trees.map(\.manifest) == [tree.manifest])
        for (layer, bytes) in zip(tree.images[0].parsed.layers, Package.layers) {
            #expect(try await reader.bytes(of: layer) == bytes)
        }
        #expect(try await reader.bytes(of: tree.images[0].parsed.config) == tree.images[0].config)
    }

    @Test("a layer of 8 GiB or more has a PAX header before its own")
    func largeLayers() throws {
        func size(of layerSize: Int64) throws -> Int64 {
            guard case .image(var leaf) = try Package.tree() else { return 0 }
            leaf.parsed.layers = [leaf.parsed.layers[0]]
            leaf.parsed.layers[0].size = layerSize
            return try ArchivePlan([.image(leaf)]).totalSize
        }
        let below = try size(of: (8 << 30) - 512)
        let above = try size(of: 8 << 30)
        #expect(above - below == 512 + 2 * 512)
    }

    @Test("entries in another order, and ones that aren't known, do no harm")
    func order() async throws {
        var package = try await Package()
        defer { package.remove() }
        let entries = package.entries
        let blocks = entries.indices.map { position -> [UInt8] in
            let end = position + 1 < entries.count ? entries[position + 1].header : package.bytes.count - 1024
            return Array(package.bytes[entries[position].header..<end])
        }
        var unknown = blocks[1]
        unknown.replaceSubrange(0..<7, with: Array("unknown".utf8))
        package.bytes = blocks[2] + unknown + blocks[1] + blocks[0] + [UInt8](repeating: 0, count: 1024)
        package.patch(header: blocks[2].count, at: 0, with: Array("unknown".utf8))
        #expect(try package.read().trees.count == 1)
    }

    @Test("a name or a size may be in an extended header", arguments: ["x", "L"])
    func extendedHeaders(type: String) async throws {
        var package = try await Package()
        defer { package.remove() }
        let entry = package.entries[1]
        let size = entry.data.count
        let record = type == "x" ? pax("path", entry.name) + pax("size", "\(size)") : Array((entry.name + "\u{0}").utf8)
        var header = Array(package.bytes[entry.header..<(entry.header + 512)])
        header += record + [UInt8](repeating: 0, count: (512 - record.count % 512) % 512)
        package.bytes.insert(contentsOf: header, at: entry.header)
        package.patch(header: entry.header, at: 0, with: Array("././@LongLink\u{0}".utf8))
        package.patch(header: entry.header, at: 156, with: Array(type.utf8))
        package.patch(header: entry.header, at: 124, with: octal(record.count))
        let own = entry.header + header.count
        package.patch(header: own, at: 0, with: Array("short\u{0}".utf8))
        if type == "x" { package.patch(header: own, at: 124, with: octal(0)) }
        let reader = try package.read()
        for layer in reader.trees[0].images[0].parsed.layers { try await reader.verify(layer) }
    }

    private func pax(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        let length = rest.utf8.count + (rest.utf8.count + 2 > 99 ? 3 : 2)
        return Array("\(length)\(rest)".utf8)
    }

    private func octal(_ value: Int) -> [UInt8] {
        let digits = String(value, radix: 8)
        return Array((String(repeating: "0", count: 11 - digits.count) + digits + "\u{0}").utf8)
    }

    @Test("a package that ends too early is refused, wherever it ends")
    func truncation() async throws {
        var package = try await Package()
        defer { package.remove() }
        let whole = package.bytes
        for end in stride(from: 0, to: whole.count - 1536, by: 100) {
            package.bytes = Array(whole[..<end])
            #expect(throws: ArchiveError.self) { try package.read() }
        }
    }

    @Test("an altered layer is found when it is verified, by its entry's name")
    func alteredLayer() async throws {
        var package = try await Package()
        defer { package.remove() }
        let entry = package.entries[1]
        package.bytes[entry.data.lowerBound] ^= 1
        let reader = try package.read()
        var refused: [String] = []
        for layer in reader.trees[0].images[0].parsed.layers {
            do { try await reader.verify(layer) } catch { refused.append("\(error)") }
        }
        #expect(refused.count == 1)
        #expect(refused.first?.contains(entry.name) == true)
    }

    @Test("a missing layer, or one of another size, is refused by its entry's name")
    func missingLayer() async throws {
        var package = try await Package()
        defer { package.remove() }
        let entry = package.entries[1]
        package.patch(header: entry.header, at: 0, with: Array("gone".utf8))
        #expect(throws: ArchiveError.self) { try package.read() }
        package.patch(header: entry.header, at: 0, with: Array("sha2".utf8))
        #expect(throws: Never.self) { try package.read() }
        package.patch(header: entry.header, at: 124, with: octal(entry.data.count - 1))
        let error = #expect(throws: ArchiveError.self) { try package.read() }
        #expect(error?.description.contains(entry.name) == true)
    }

    @Test("absurd sizes are refused", arguments: ["77777777777", "-1", "\u{80}\u{0}\u{0}\u{0}\u{7F}"])
    func absurdSizes(size: String) async throws {
        var package = try await Package()
        defer { package.remove() }
        let field = size.unicodeScalars.map { UInt8($0.value) }
        let padding = [UInt8](repeating: field[0] == 0x80 ? 0xFF : 0, count: 12 - field.count)
        package.patch(header: package.entries[1].header, at: 124, with: field + padding)
        #expect(throws: ArchiveError.self) { try package.read() }
    }

    @Test(
        "altered manifests, configs and references are refused",
        arguments: [
            (#"\"k\":\"é"#, #"\"q\":\"é"#), (#"\"note\""#, #"\"nota\""#),
            (#""Refs":["r.io/app@sha256:"#, #""Refs":["r.io/app:sha256:"#),
            (#""Layers":[{"#, #""Layerz":[{"#), (#"[{"ImageIndex":null,"Image":{"#, #"[{"ImageIndex":null,"Imago":{"#),
            (#""Raw""#, #""Row""#), ("[{", "{["),
        ]
    )
    func alteredTexts(text: String, other: String) async throws {
        var package = try await Package()
        defer { package.remove() }
        let range = package.entries[0].data
        let altered = String(decoding: package.bytes[range], as: UTF8.self).replacing(
            text,
            with: other,
            maxReplacements: 1
        )
        #expect(Array(altered.utf8).count == range.count)
        package.bytes.replaceSubrange(range, with: Array(altered.utf8))
        let error = #expect(throws: ArchiveError.self) { try package.read() }
        #expect(error?.description.contains("manifest.json") == true)
    }

    @Test("random damage is refused or does no harm, and never ends the program")
    func randomDamage() async throws {
        var package = try await Package()
        defer { package.remove() }
        let whole = package.bytes
        var state: UInt64 = 3
        for _ in 0..<1500 {
            package.bytes = whole
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                package.bytes[Int((state >> 33) % UInt64(whole.count))] = UInt8(truncatingIfNeeded: state >> 20)
            }
            guard let reader = try? package.read() else { continue }
            let tree = try Package.tree()
            #expect(reader.trees.allSatisfy { $0.manifest.digest == tree.manifest.digest })
        }
    }

    @Test("a layer with other bytes leaves the file that was there before, and nothing beside it")
    func failure() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "packages-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "out.tar")
        try Data("before".utf8).write(to: file)
        let plan = try ArchivePlan([try Package.tree()])
        let altered = MemoryBlobs(Package.layers, isAltered: true)
        await #expect(throws: LayerError.self) {
            try await ArchiveWriter(path: file.path).write(plan, from: { _ in altered }, atMost: 2)
        }
        #expect(try String(decoding: Data(contentsOf: file), as: UTF8.self) == "before")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.tar"])
    }

    @Test("two manifests that give a layer two sizes are refused before anything is written")
    func conflict() throws {
        guard case .image(var leaf) = try Package.tree() else { return }
        let first = ImageTree.image(leaf)
        leaf.parsed.layers[0].size += 1
        #expect(throws: ArchiveError.self) { try ArchivePlan([first, .image(leaf)]) }
    }
}
