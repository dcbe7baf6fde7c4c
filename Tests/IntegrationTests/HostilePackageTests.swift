import FoundationEssentials
import Testing

@Suite("Packages that were made to do harm", .serialized, .needs(.dockerRegistry, .skopeo))
struct HostilePackageTests {
    /// Alters `p.tar`; `entries` are (name, offset of the header, offset of the data, size).
    private static let prelude = """
        import sys, json, struct
        b = bytearray(open('p.tar', 'rb').read()); entries = []; at = 0
        while at < len(b) and b[at]:
            size = int(bytes(b[at+124:at+135]), 8)
            entries.append((bytes(b[at:at+100]).rstrip(b'\\0').decode(), at, at + 512, size))
            at += 512 + (size + 511) // 512 * 512
        def fix(h):
            b[h+148:h+156] = b' ' * 8; s = sum(b[h:h+512]); b[h+148:h+156] = b'%06o\\0 ' % s
        def put(h, offset, data): b[h+offset:h+offset+len(data)] = data; fix(h)
        def block(name, data, type=b'0'):
            h = bytearray(512); h[:len(name)] = name; h[100:108] = b'0000644\\0'; h[124:136] = b'%011o\\0' % len(data)
            h[156:157] = type; h[257:265] = b'ustar\\x0000'; h[148:156] = b' ' * 8
            h[148:156] = b'%06o\\0 ' % sum(h); return bytes(h) + data + bytes(-len(data) % 512)
        def manifest(data): b[:entries[1][1]] = block(b'manifest.json', data)
        m, l = entries[0], entries[1]; text = bytes(b[m[2]:m[2]+m[3]])

        """

    @Test("they are refused with the entry's name, tag nothing and print no YAML")
    func refusals() async throws {
        let ways: [(String, String, String)] = [
            ("truncated within a layer", "b = b[:l[2] + l[3] // 2]", "sha256-"),
            ("truncated within manifest.json", "b = b[:700]", "manifest.json"),
            ("an empty file", "b = b''", "it is empty"),
            ("no tarball", "b = b'x' * 5000", "neither a tarball"),
            ("a layer that is altered", "b[l[2] + 5] ^= 1", "sha256-"),
            ("a layer that is missing", "put(l[1], 0, b'gone')", "sha256-"),
            (
                "a layer that is listed with another size", "manifest(text.replace(b'\"Size\":', b'\"Size\":1', 1))",
                "manifest.json"
            ),
            ("a layer of 2^63 bytes", "put(l[1], 124, b'\\x80' + bytes(3) + b'\\xff' * 8)", "sha256-"),
            ("a layer of -1 bytes", "put(l[1], 124, b'\\xff' * 12)", "invalid size"),
            (
                "a PAX size of 2^63-1",
                "b[l[1]:l[1]] = block(b'PaxHeaders.0/x', b'28 size=9223372036854775807\\n', b'x')", "sha256-"
            ),
            ("a PAX size below 0", "b[l[1]:l[1]] = block(b'PaxHeaders.0/x', b'11 size=-5\\n', b'x')", "-5"),
            (
                "a PAX header of nonsense", "b[l[1]:l[1]] = block(b'PaxHeaders.0/x', b'999999 path=x\\n', b'x')",
                "extended header"
            ),
            (
                "a PAX header of 2 MiB", "b[l[1]:l[1]] = block(b'PaxHeaders.0/x', b'x' * (2 << 20), b'x')",
                "extended header"
            ),
            ("a name with NUL", "b[l[1]:l[1]] = block(b'PaxHeaders.0/x', b'23 path=manifest.json\\0\\n', b'x')", "NUL"),
            (
                "a GNU name of 2 MiB", "b[l[1]:l[1]] = block(b'././@LongLink', b'x' * (2 << 20), b'L')",
                "extended header"
            ),
            ("manifest.json twice", "b[l[1]:l[1]] = block(b'manifest.json', text)", "two entries"),
            ("a sparse file", "put(l[1], 156, b'S')", "sparse"),
            ("a wrong checksum", "b[l[1] + 148:l[1] + 154] = b'000001'", "checksum"),
            ("JSON that is nested 200,000 deep", "manifest(b'[' * 200000)", "manifest.json"),
            ("objects that are nested 200,000 deep", "manifest(b'{\"a\":' * 200000)", "manifest.json"),
            ("no JSON", "manifest(b'hello')", "manifest.json"),
            ("a manifest that is altered", "manifest(text.replace(b'schemaVersion', b'schemaVersiom', 1))", "altered"),
            ("a config that is altered", "manifest(text.replace(b'labimg', b'labimh', 1))", "config"),
            (
                "a manifest's digest that is altered",
                "manifest(text.replace(b'\"Manifest\":{\"MediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"Digest\":\"sha256:', b'\"Manifest\":{\"MediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"Digest\":\"sha256:0', 1))",
                "manifest.json"
            ),
            ("manifest.json that claims 8 GiB", "put(0, 124, b'77777777777\\0')", "manifest.json"),
        ]
        try await Lab.open { lab in
            try await lab.registry { backend in
                let image = try #require(try await lab.push("basic", to: backend)["oci"])
                try lab.write("image: \(image)\n", to: "in.yml")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "whole.tar").status == 0)
                for (name, way, word) in ways {
                    try Data(try lab.read("whole.tar")).write(to: URL(filePath: lab.folder + "/p.tar"))
                    try lab.write(Self.prelude + way + "\nopen('p.tar', 'wb').write(bytes(b))\n", to: "alter.py")
                    try await lab.succeed("python3", ["alter.py"])
                    let outcome = try await lab.kbld(
                        "unpkg",
                        "-f",
                        "in.yml",
                        "-i",
                        "p.tar",
                        "-r",
                        backend + "/hostile/x"
                    )
                    #expect(outcome.status == 1, "\(name): \(outcome.log)")
                    #expect(outcome.output == "", "\(name)")
                    #expect(
                        outcome.log.contains("kbld: Error: ") && outcome.log.contains("p.tar"),
                        "\(name): \(outcome.log)"
                    )
                    #expect(outcome.log.contains(word), "\(name): \(outcome.log)")
                }
                #expect(try await lab.tags(backend + "/hostile/x") == [])
            }
        }
    }

    @Test("they do no harm where all that counts is as it should be")
    func harmless() async throws {
        let ways: [(String, String)] = [
            (
                "another order",
                "tail = bytes(b[l[1]:entries[-1][1]]); b = b[entries[-1][1]:at] + tail + b[:l[1]] + bytes(1024)"
            ),
            (
                "entries that aren't known",
                "b[l[1]:l[1]] = block(b'../../etc/passwd', b'x') + block(b'dir/', b'', b'5')"
            ),
            (
                "a long name's header",
                "b[l[1]:l[1]] = block(b'././@LongLink', b'note/' * 99, b'L') + block(b'short', b'x' * 700)"
            ),
            ("a global PAX header", "b[0:0] = block(b'pax_global_header', b'19 comment=nothing\\n', b'g')"),
            ("nothing after the last entry", "b = b[:at]"),
        ]
        try await Lab.open { lab in
            try await lab.registry { backend in
                let image = try #require(try await lab.push("basic", to: backend)["oci"])
                try lab.write("image: \(image)\n", to: "in.yml")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "whole.tar").status == 0)
                for (position, (name, way)) in ways.enumerated() {
                    try Data(try lab.read("whole.tar")).write(to: URL(filePath: lab.folder + "/p.tar"))
                    try lab.write(Self.prelude + way + "\nopen('p.tar', 'wb').write(bytes(b))\n", to: "alter.py")
                    try await lab.succeed("python3", ["alter.py"])
                    let repository = "\(backend)/harmless/x\(position)"
                    let outcome = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", repository)
                    #expect(outcome.status == 0, "\(name): \(outcome.log)")
                    let digest = image.split(separator: "@")[1]
                    let moved = try await lab.rawManifest("\(repository)@\(digest)")
                    #expect(try await moved == lab.rawManifest(image), "\(name)")
                }
            }
        }
    }
}
