import FoundationEssentials
import Testing

@Suite("Artifacts attached to images", .needs(.curl, .dockerRegistry, .skopeo))
struct AttachedArtifactTests {
    private struct Index: Decodable {
        struct Entry: Decodable {
            struct Platform: Decodable { var architecture: String }
            var digest: String
            var artifactType: String?
            var platform: Platform?
        }
        var manifests: [Entry]
    }

    private static func index(_ text: String) throws -> Index {
        try JSONDecoder().decode(Index.self, from: Data(text.utf8))
    }

    private static func hex(_ reference: String) -> String { String(reference.suffix(64)) }

    /// Where a package goes, and the flags that say so.
    private static let packages = ["p.tar": [], "p.oci.tar": ["--format", "oci"], "layout/": ["--format", "oci"]]

    @Test(
        "referrers and cosign's signatures arrive, and are listed where they arrive",
        arguments: ["p.tar", "p.oci.tar", "layout/", "relocate"]
    )
    func artifacts(way: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let reference = try #require(try await lab.push("basic", to: registry)["index"])
                let made = try await lab.run(
                    "python3",
                    [lab.script("push_artifacts.py"), reference]
                )
                try #require(made.status == 0, "\(made.log)")
                let names = made.output.split(separator: "\n").map(String.init)
                let (referrer, signature) = (names[0], names[1])
                try lab.write("image: \(reference)\n", to: "in.yml")
                let flags = ["--referrers", "--cosign"]
                if let format = Self.packages[way] {
                    // Twice: a layout of the same images is written anew.
                    for _ in 0..<2 {
                        let packing = ["pkg", "-f", "in.yml", "-o", way] + flags + format
                        let packed = try await lab.run(Lab.program, packing)
                        #expect(packed.status == 0, "\(packed.log)")
                    }
                    #expect(try await lab.kbld("verify", way, "-f", "in.yml").status == 0)
                    let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", way, "-r", registry + "/far/app")
                    #expect(moved.status == 0, "\(moved.log)")
                } else {
                    let arguments = ["relocate", "-f", "in.yml", "-r", registry + "/far/app"] + flags
                    let moved = try await lab.run(Lab.program, arguments)
                    #expect(moved.status == 0, "\(moved.log)")
                }
                // This registry has no referrers API: the tag lists them.
                let hex = Self.hex(reference)
                let listed = try Self.index(try await lab.rawManifest("\(registry)/far/app:sha256-\(hex)"))
                #expect(listed.manifests.map(\.digest) == ["sha256:" + Self.hex(referrer)])
                #expect(listed.manifests.map(\.artifactType) == ["application/vnd.example.sbom"])
                let arrived = try await lab.rawManifest("\(registry)/far/app:sha256-\(hex).sig")
                #expect(try await lab.rawManifest(signature) == arrived)
                let moved = try await lab.rawManifest("\(registry)/far/app@sha256:\(Self.hex(referrer))")
                #expect(try await lab.rawManifest(referrer) == moved)
            }
        }
    }

    @Test("runs, dry runs, verify and inspect count the same images and layers")
    func counts() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let reference = try #require(try await lab.push("basic", to: registry)["index"])
                let made = try await lab.run("python3", [lab.script("push_artifacts.py"), reference])
                try #require(made.status == 0, "\(made.log)")
                try lab.write("image: \(reference)\n", to: "in.yml")
                let packing = ["pkg", "-f", "in.yml", "-o", "p.tar", "--referrers", "--cosign"]
                let target = ["-r", registry + "/far/app"]
                var found: [String] = []
                for arguments in [
                    packing + ["--dry-run"], packing, ["verify", "p.tar"], ["package", "inspect", "p.tar"],
                    ["unpkg", "-f", "in.yml", "-i", "p.tar"] + target,
                    ["relocate", "-f", "in.yml", "--referrers", "--cosign"] + target,
                ] {
                    let outcome = try await lab.run(Lab.program, arguments)
                    #expect(outcome.status == 0, "\(outcome.log)")
                    let counts = outcome.log.matches(of: #/(\d+) (?:valid )?images, (\d+) layers/#)
                    found.append(counts.last.map { "\($0.1) \($0.2)" } ?? outcome.log)
                }
                // The index, the referrer and the signature; the images in the index have their layers.
                #expect(Set(found).count == 1 && found[0].hasPrefix("3 "), "\(found)")
            }
        }
    }

    @Test(
        "an index is filtered on purpose: the log, the documents and the annotation tell",
        arguments: ["p.tar", "p.oci.tar", "layout/"]
    )
    func platformFilter(way: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let reference = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("kind: Pod\nimage: \(reference)\n", to: "in.yml")
                let packing = ["pkg", "-f", "in.yml", "-o", way, "--platform", "linux/amd64"]
                let packed = try await lab.run(Lab.program, packing + (Self.packages[way] ?? []))
                #expect(packed.status == 0, "\(packed.log)")
                #expect(try await lab.kbld("verify", way, "-f", "in.yml").status == 0)
                #expect(packed.log.contains("package | filtered \(reference) to linux/amd64; new digest "))
                let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", way, "-r", registry + "/far/app")
                #expect(moved.status == 0, "\(moved.log)")
                let image = try #require(
                    moved.output.split(separator: "\n").first { $0.hasPrefix("image: ") }?.dropFirst(7)
                )
                #expect(Self.hex(String(image)) != Self.hex(reference))
                #expect(moved.output.contains("platformSelected"))
                #expect(moved.output.contains(Self.hex(reference)))
                let index = try Self.index(try await lab.rawManifest(String(image)))
                #expect(index.manifests.map(\.platform?.architecture) == ["amd64"])
                let none = try await lab.kbld("pkg", "-f", "in.yml", "-o", "q.tar", "--platform", "linux/s390x")
                #expect(none.status == 1)
                #expect(none.log.contains("would leave nothing"))
                #expect(try !lab.files().contains("q.tar"))
            }
        }
    }

    @Test(
        "non-distributable layers are included when they are asked for: from the registry, or from their address"
    )
    func nonDistributable() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                // The first layer is in the registry, the second only at its address; the third there has other bytes.
                try lab.write(
                    """
                    import hashlib, sys
                    sys.path.insert(0, sys.argv[1])
                    import labimg
                    digest = lambda b: 'sha256:' + hashlib.sha256(b).hexdigest()
                    here, there, bad = b'here' * 999, b'there' * 999, b'bad' * 999
                    open('there', 'wb').write(there); open('bad', 'wb').write(bad[:-1] + b'!')
                    registry = labimg.Registry(sys.argv[2])
                    address = 'http://127.0.0.1:%s/' % sys.argv[3]
                    layers = [(labimg.DKR_FGN, here, digest(here), [address + 'gone']),
                              (labimg.DKR_FGN, there, digest(there), [address + 'gone', address + 'there'])]
                    registry.blob('win/app', here)
                    labimg.Image(layers, flavour='docker').push(registry, 'win/app', '1')
                    layers = [(labimg.DKR_FGN, bad, digest(bad), [address + 'bad'])]
                    labimg.Image(layers, flavour='docker').push(registry, 'win/bad', '1')
                    print(digest(here)[7:], digest(there)[7:])
                    """,
                    to: "make.py"
                )
                let folder = Lab.fixtures
                let server = ["-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", lab.folder]
                let layers = try await lab.serve("python3", server) { files in
                    let made = try await lab.run("python3", ["make.py", folder, registry, "\(files)"])
                    try #require(made.status == 0, "\(made.log)")
                    let layers = made.output.split(whereSeparator: \.isWhitespace).map(String.init)
                    for name in ["app", "bad"] {
                        try lab.write("image: \(registry)/win/\(name):1\n", to: "tag.yml")
                        try lab.write(try await lab.kbld("-f", "tag.yml").output, to: name + ".yml")
                    }
                    let flag = "--include-non-distributable"
                    let plan = try await lab.kbld("pkg", "-f", "app.yml", "--dry-run", flag)
                    #expect(plan.status == 0, "\(plan.log)")
                    try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "without.tar"])
                    try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "with.tar", flag])
                    let layout = ["--format", "oci", flag]
                    try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "with.oci.tar"] + layout)
                    let base = ["--base", "with.tar", flag]
                    try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "delta.tar"] + base)
                    let size = try lab.read("with.tar").count
                    #expect(plan.log.contains("\(size) bytes; nothing was written"), "\(plan.log)")
                    let refused = try await lab.kbld("pkg", "-f", "bad.yml", "-o", "bad.tar", flag)
                    #expect(refused.status == 1 && refused.log.contains("digest mismatch"), "\(refused.log)")
                    #expect(try !lab.files().contains("bad.tar"))
                    return layers
                }
                let without = try await lab.run("tar", ["tf", "without.tar"]).output
                let with = try await lab.run("tar", ["tf", "with.tar"]).output
                #expect(layers.allSatisfy { !without.contains($0) && with.contains($0) })
                #expect(try await lab.kbld("verify", "with.tar").status == 0)
                for inputs in [["delta.tar", "with.tar"], ["without.tar", "with.tar"]] {
                    try await lab.succeed(Lab.program, ["package", "merge", "-o", "merged.tar"] + inputs)
                    #expect(try lab.read("merged.tar") == lab.read("with.tar"), "\(inputs)")
                }
                // An image that is there already without these layers gets them too.
                let first = ["unpkg", "-f", "app.yml", "-i", "without.tar", "-r", registry + "/far/late"]
                try await lab.succeed(Lab.program, first)
                for (package, place) in [("with.tar", "win"), ("with.oci.tar", "layout"), ("with.tar", "late")] {
                    let arguments = ["unpkg", "-f", "app.yml", "-i", package, "-r", "\(registry)/far/\(place)"]
                    try await lab.succeed(Lab.program, arguments)
                    #expect(try await lab.kbld("verify", package, "--against", "\(registry)/far/\(place)").status == 0)
                    for layer in layers {
                        let address = "http://\(registry)/v2/far/\(place)/blobs/sha256:\(layer)"
                        let status = try await lab.run("curl", ["-sI", "-o", "head", "-w", "%{http_code}", address])
                        #expect(status.output == "200", "\(package), \(place)")
                    }
                }
            }
        }
    }

    @Test("a plan with attached artifacts, or without what the other side has, gives the size to the byte")
    func plans() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                let reference = try #require(images["index"])
                try await lab.succeed("python3", [lab.script("push_artifacts.py"), reference])
                try lab.write("all:\n- image: \(reference)\n- image: \(try #require(images["shared"]))\n", to: "in.yml")
                try lab.write("image: \(try #require(images["oci"]))\n", to: "old.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "old.yml", "-o", "old.tar"])
                let base = ["--base", "old.tar"]
                for flags in [["--referrers", "--cosign"], base, base + ["--referrers", "--platform", "linux/amd64"]] {
                    let plan = try await lab.run(Lab.program, ["pkg", "-f", "in.yml", "--dry-run"] + flags)
                    #expect(plan.status == 0, "\(plan.log)")
                    try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"] + flags)
                    let size = try lab.read("p.tar").count
                    #expect(plan.log.contains("\(size) bytes; nothing was written"), "\(flags): \(plan.log)")
                }
            }
        }
    }
}
