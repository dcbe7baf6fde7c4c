import FoundationEssentials
import Testing

@Suite("Looking into packages, comparing and verifying them", .serialized, .needs(.curl, .dockerRegistry))
struct LookInsideTests {
    private struct Report: Decodable {
        struct Totals: Decodable {
            var images: Int
            var layers: Int
            var saved_bytes: Int64
            var layer_bytes: Int64
        }
        struct Image: Decodable {
            var reference: String
            var platform: String
            var kind: String
        }
        var package_bytes: Int64?
        var totals: Totals
        var images: [Image]
    }

    private struct Diff: Decodable {
        struct Change: Decodable {
            var kind: String
            var before: String?
            var after: String?
            var added_bytes: Int64
        }
        struct Layers: Decodable {
            var count: Int
            var bytes: Int64
        }
        var changes: [Change]
        var unchanged: Int
        var added_layers: Layers
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// Runs `body` with the package `p.tar` of the documents `in.yml`.
    private func packaged(
        _ set: String = "basic",
        _ body: @Sendable (Lab, _ host: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push(set, to: host)
                try lab.write(images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"), to: "in.yml")
                let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
                try #require(outcome.status == 0, "\(outcome.log)")
                try await body(lab, host, images)
            }
        }
    }

    @Test("a package, its documents and its registry tell the same")
    func inspect() async throws {
        try await packaged { lab, host, images in
            let size = try lab.read("p.tar").count
            let ofPackage = try await lab.kbld("package", "inspect", "p.tar", "--json")
            let ofDocuments = try await lab.kbld("package", "inspect", "-f", "in.yml", "--json")
            let ofFile = try await lab.kbld("package", "inspect", "in.yml", "--json")
            let package = try read(Report.self, ofPackage.output)
            let documents = try read(Report.self, ofDocuments.output)
            #expect(package.package_bytes == Int64(size) && documents.package_bytes == nil)
            #expect(package.totals.images == 9 && documents.totals.images == 9)
            #expect(package.totals.saved_bytes > 0 && package.totals.saved_bytes == documents.totals.saved_bytes)
            #expect(package.images.map(\.reference) == documents.images.map(\.reference))
            #expect(Set(package.images.map(\.platform)).contains("linux/arm/v7"))
            #expect(try read(Report.self, ofFile.output).totals.layers == package.totals.layers)
            let one = try await lab.kbld("package", "inspect", host + "/lib/multi:latest", "--json")
            let index = try read(Report.self, one.output)
            #expect(index.totals.images == 4 && index.images[0].reference == images["index"])
            let table = try await lab.kbld("package", "inspect", "p.tar", "--column", "platform")
            #expect(table.output.split(separator: "\n", omittingEmptySubsequences: true).count == 9)
            #expect(table.log.contains("sharing saves "), "\(table.log)")
            let whole = try await lab.kbld("package", "inspect", "-i", "p.tar").output.split(separator: "\n")
            #expect(whole.count == 12 && whole[0].contains("  PLATFORM  ") && whole[11].hasPrefix("9 images  "))
            #expect(whole.allSatisfy { !$0.contains("\t") && !$0.hasSuffix(" ") })
            let missing = try await lab.kbld("package", "inspect", "no such file")
            #expect(missing.status == 1)
            #expect(missing.log.contains("'no such file' is neither a file nor a valid image reference"))
        }
    }

    @Test("the page shows all images in a browser, and the browser asks nobody for anything", .needs(.chromium))
    func page() async throws {
        try await packaged { lab, host, images in
            let outcome = try await lab.kbld("package", "inspect", "p.tar", "--html", "p.html")
            try #require(outcome.status == 0, "\(outcome.log)")
            let browser = [
                "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(lab.folder)/browser",
                "--log-net-log=\(lab.folder)/net.json", "--enable-logging=stderr",
            ]
            let shown = try await lab.run("chromium", browser + ["--dump-dom", "file://\(lab.folder)/p.html"])
            try #require(shown.status == 0, "\(shown.log)")
            #expect(shown.output.ranges(of: "<tr").count >= 9 + 2)
            for reference in images.values {
                let name = String(try #require(reference.split(separator: "@").first))
                #expect(shown.output.contains(name))
            }
            // A violation of the page's own policy, or an error of its script, would be told.
            #expect(!shown.log.contains("CONSOLE"), "\(shown.log)")
            let requests = String(decoding: try lab.read("net.json"), as: UTF8.self)
            #expect(requests.contains("events"))
            #expect(!requests.contains(host) && requests.contains("constants"))
        }
    }

    @Test("what the page shows can be read and used, narrow and wide, light and dark", .needs(.chromium))
    func pageForAll() async throws {
        try await packaged("exotic") { lab, _, _ in
            for (subject, page) in [("p.tar", "p.html"), ("in.yml", "in.html")] {
                let outcome = try await lab.kbld("package", "inspect", subject, "--html", page)
                try #require(outcome.status == 0, "\(outcome.log)")
                try await lab.checkPage("file://\(lab.folder)/\(page)")
            }
            #expect(try lab.text("p.html").contains("Written by kbld for Swift "))
        }
    }

    @Test("a difference is reported with the bytes that must move, and as a status where that is asked for")
    func diff() async throws {
        try await packaged { lab, host, images in
            let same = try await lab.kbld("package", "diff", "p.tar", "in.yml", "--exit-code", "--json")
            #expect(same.status == 0, "\(same.log)")
            #expect(try read(Diff.self, same.output).unchanged == images.count)
            let (oci, shared) = (try #require(images["oci"]), try #require(images["shared"]))
            try lab.write("image: \(oci)\n", to: "one.yml")
            try lab.write("a:\n- image: \(oci)\n- image: \(shared)\n", to: "two.yml")
            let more = try await lab.kbld("package", "diff", "one.yml", "two.yml", "--json", "--exit-code")
            #expect(more.status == 1 && !more.log.contains("Error"), "\(more.log)")
            let diff = try read(Diff.self, more.output)
            #expect(diff.changes.map(\.kind) == ["added"] && diff.changes[0].after == shared)
            // The base is shared: only one layer moves.
            #expect(diff.added_layers.count == 1 && diff.added_layers.bytes == diff.changes[0].added_bytes)
            let table = try await lab.kbld("package", "diff", "two.yml", "one.yml")
            #expect(table.status == 0 && table.output.hasPrefix("CHANGE    BEFORE "), "\(table.output)")
            let short = try #require(shared.split(separator: "@sha256:").last).prefix(12)
            #expect(table.output.contains("\nremoved   \(host)/") && table.output.contains("@sha256:\(short)  -  "))
            #expect(try #require(table.output.split(separator: "\n").last).hasPrefix("1 change "))
            let columns = try await lab.kbld("package", "diff", "two.yml", "one.yml", "--column", "change,before")
            #expect(columns.output == "removed\t\(shared)\n")
        }
    }

    @Test("a dry run tells the size to the byte, and writes nothing")
    func dryRun() async throws {
        try await packaged("exotic") { lab, _, images in
            let size = try lab.read("p.tar").count
            let files = try lab.files()
            for arguments in [["--json"], ["--json", "-o", "other.tar"]] {
                let outcome = try await lab.run(Lab.program, ["pkg", "-f", "in.yml", "--dry-run"] + arguments)
                #expect(outcome.status == 0, "\(outcome.log)")
                #expect(try read(Report.self, outcome.output).package_bytes == Int64(size))
                #expect(outcome.log.contains("\(size) bytes; nothing was written"), "\(outcome.log)")
            }
            #expect(try lab.files() == files)
        }
    }

    @Test("valid packages pass", arguments: ["basic", "exotic"])
    func good(set: String) async throws {
        try await packaged(set) { lab, _, _ in
            let outcome = try await lab.kbld("verify", "p.tar", "-f", "in.yml", "--json")
            #expect(outcome.status == 0, "\(outcome.log)")
            let found = try read(Verification.self, outcome.output)
            #expect(found.ok && found.faults.isEmpty && found.notes.isEmpty && found.layers > 3)
        }
    }

    @Test("every error of a package is reported, not just the first")
    func faults() async throws {
        try await packaged { lab, _, _ in
            // Two altered layers, one that is gone, one that is there twice, an entry too many, and bytes at the end.
            try lab.write(
                """
                import io, tarfile
                source = tarfile.open('p.tar')
                entries = [(m.name, source.extractfile(m).read()) for m in source.getmembers()]
                manifest, layers = entries[0], entries[1:]
                flip = lambda b: bytes([b[0] ^ 1]) + b[1:]
                layers[0] = (layers[0][0], flip(layers[0][1])); layers[2] = (layers[2][0], flip(layers[2][1]))
                gone = layers.pop(1)
                with tarfile.open('bad.tar', 'w', format=tarfile.USTAR_FORMAT) as t:
                    for name, data in [manifest] + layers + [layers[-1], ('extra.txt', b'x')]:
                        info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
                open('bad.tar', 'ab').write(b'more')
                print(layers[0][0], layers[1][0], gone[0], layers[-1][0])
                """,
                to: "spoil.py"
            )
            let names = try await lab.run("python3", ["spoil.py"]).output.split(whereSeparator: \.isWhitespace)
            try lab.write("image: example.com/other@sha256:\(String(repeating: "1", count: 64))\n", to: "other.yml")
            let outcome = try await lab.kbld("verify", "bad.tar", "-f", "other.yml", "--json")
            #expect(outcome.status == 1 && outcome.log.contains("kbld: Error: Verifying package 'bad.tar': 6 errors"))
            let found = try read(Verification.self, outcome.output)
            #expect(!found.ok)
            let told = Set(found.faults.map { "\($0.kind) \($0.subject)" })
            #expect(told.isSuperset(of: ["altered \(names[0])", "altered \(names[1])", "missing \(names[2])"]))
            #expect(told.isSuperset(of: ["duplicate \(names[3])"]))
            #expect(
                found.faults.count { $0.kind == "padding" } == 1 && found.faults.count { $0.kind == "document" } == 1
            )
            #expect(found.notes.map(\.subject) == ["extra.txt"])
        }
    }

    @Test("what a repository lacks is reported", arguments: [false, true])
    func against(isDeep: Bool) async throws {
        try await packaged { lab, host, images in
            let place = host + "/there"
            let arguments = ["verify", "p.tar", "--against", place, "--json"] + (isDeep ? ["--deep"] : [])
            let empty = try await lab.run(Lab.program, arguments)
            #expect(empty.status == 1)
            let lacking = try read(Verification.self, empty.output).faults
            #expect(lacking.allSatisfy { $0.kind == "missing" })
            // 5 images, of which 2 are indexes with 6 further manifests: 11 manifests, 5 tags, and blobs.
            #expect(lacking.count { $0.message.contains("manifest") } == 11)
            #expect(lacking.count { $0.message.contains("tag") } == 5)
            #expect(lacking.count { $0.message.contains("blob") } > 15)
            try #require(
                try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", place).status == 0
            )
            let full = try await lab.run(Lab.program, arguments)
            #expect(full.status == 0, "\(full.output)")
            let layer = try #require(lacking.first { $0.message.contains("blob") }?.subject.split(separator: "@").last)
            let delete = ["-s", "-o", "answer", "-w", "%{http_code}", "-X", "DELETE"]
            let gone = try await lab.run("curl", delete + ["http://\(host)/v2/there/blobs/\(layer)"])
            try #require(gone.output == "202")
            let less = try await lab.run(Lab.program, arguments)
            let faults = try read(Verification.self, less.output).faults
            #expect(less.status == 1 && faults.map(\.subject) == ["\(place)@\(layer)"], "\(less.output)")
        }
    }

    @Test(
        "damage to the structure doesn't hide what follows",
        arguments: ["header", "padding", "cut", "manifest"]
    )
    func structure(damage: String) async throws {
        try await packaged { lab, _, _ in
            try lab.write(
                """
                import sys, tarfile
                what = sys.argv[1]
                members = tarfile.open('p.tar').getmembers()
                b = bytearray(open('p.tar', 'rb').read())
                if what == 'header': b[members[1].offset + 130] ^= 0xff; b[members[3].offset_data] ^= 1
                if what == 'padding': b[members[1].offset_data + members[1].size] = 1; b[members[2].offset_data] ^= 1
                if what == 'cut': b[members[1].offset_data] ^= 1; b = b[:members[4].offset_data + 10]
                if what == 'manifest':
                    at = b.index(b'schemaVersion'); b[at] ^= 2; b[members[1].offset_data] ^= 1
                open('p.tar', 'wb').write(b)
                """,
                to: "spoil.py"
            )
            try await lab.succeed("python3", ["spoil.py", damage])
            let outcome = try await lab.kbld("verify", "p.tar", "--json")
            #expect(outcome.status == 1)
            let faults = try read(Verification.self, outcome.output).faults
            let kinds = Set(faults.map(\.kind))
            switch damage {
            case "header": #expect(kinds == ["structure", "missing", "altered"], "\(faults)")
            case "padding": #expect(kinds == ["padding", "altered"], "\(faults)")
            case "cut": #expect(kinds.isSuperset(of: ["structure", "altered", "missing"]), "\(faults)")
            default: #expect(faults.count { $0.kind == "altered" } == 2, "\(faults)")
            }
        }
    }
}
