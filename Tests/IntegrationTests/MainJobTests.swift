import Testing

@Suite("Resolve, package, unpackage against real registries", .serialized, .needs(.dockerRegistry, .htpasswd, .skopeo))
struct MainJobTests {
    @Test(
        "every shape of image arrives byte for byte",
        arguments: [("basic", Lab.Door.open), ("exotic", .open), ("basic", .password)]
    )
    func everyShape(set: String, target: Lab.Door) async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                try await lab.registry(target) { destination in
                    let images = try await lab.push(set, to: source)
                    #expect(images.count >= 5)
                    try lab.write(
                        images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"),
                        to: "in.yml"
                    )
                    if target == .password {
                        let login = #"{"auths":{"\#(destination)":{"auth":"YWxpY2U6czNjcmV0"}}}"#
                        try lab.write(login, to: "home/.docker/config.json")
                    }
                    let packaged = try await lab.kbld("pkg", "-f", "in.yml", "--output", "images.tar")
                    try #require(packaged.status == 0, "\(packaged.log)")
                    #expect(packaged.output == "")
                    let repository = destination + "/all/in-one"
                    let installed = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "images.tar", "-r", repository)
                    try #require(installed.status == 0, "\(installed.log)")
                    for reference in images.values.sorted() {
                        let digest = reference.split(separator: "@")[1]
                        #expect(installed.output.contains("image: \(repository)@\(digest)\n"))
                        guard target == .open else { continue }
                        let before = try await lab.rawManifest(reference)
                        let after = try await lab.rawManifest("\(repository)@\(digest)")
                        #expect(before == after)
                        let tag = "kbld-sha256-" + digest.dropFirst(7)
                        #expect(try await lab.rawManifest("\(repository):\(tag)") == before)
                    }
                    if target == .open {
                        let tags = try await lab.tags(repository)
                        #expect(tags.count == Set(images.values.map { $0.split(separator: "@")[1] }).count)
                        let again = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "images.tar", "-r", repository)
                        #expect(again.status == 0)
                        #expect(again.output == installed.output)
                        #expect(try await lab.tags(repository) == tags)
                    }
                }
            }
        }
    }

    @Test("a tag beside a digest is dropped; what the package doesn't have is reported before anything is sent")
    func tagAndDigest() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                let (one, other) = (try #require(images["oci"]), try #require(images["docker"]))
                let tagged = one.replacing("@", with: ":some@")
                try lab.write("image: \(tagged)\n", to: "in.yml")
                try #require(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
                let listed = try await lab.run("tar", ["xOf", "p.tar", "manifest.json"]).output
                #expect(listed.hasPrefix(#"[{"ImageIndex":null,"Image":{"Refs":["\#(one)"]"#))
                let lock = ["--lock-output", "lock.yml"]
                try lab.write("all:\n- image: \(tagged)\n- image: \(other)\n", to: "more.yml")
                let refused = try await lab.run(
                    Lab.program,
                    ["unpkg", "-f", "more.yml", "-i", "p.tar", "-r", host + "/new"] + lock
                )
                #expect(refused.status == 1 && refused.output == "" && refused.log.contains(other), "\(refused.log)")
                #expect(try await lab.tags(host + "/new") == [] && !lab.files().contains("lock.yml"))
                let installed = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", host + "/new")
                #expect(installed.status == 0, "\(installed.log)")
                #expect(installed.output == "---\nimage: \(host)/new@\(one.split(separator: "@")[1])\n")
            }
        }
    }

    @Test("an OCI artifact is packaged with an empty DiffID")
    func artifact() async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                let images = try await lab.push("exotic", to: source)
                try lab.write("image: \(try #require(images["artifact"]))\n", to: "in.yml")
                let packaged = try await lab.kbld("pkg", "-f", "in.yml", "-o", "a.tar")
                #expect(packaged.status == 0, "\(packaged.log)")
                #expect(String(decoding: try lab.read("a.tar"), as: UTF8.self).contains(#""DiffID":"","Size":5000"#))
            }
        }
    }

    @Test("the package of the golden input has the golden bytes, at any concurrency")
    func golden() async throws {
        try await Lab.open { lab in
            let golden = try GoldenPackage()
            try await lab.registry { source in
                _ = try await lab.push("basic", to: source)
                _ = try await lab.push("exotic", to: source)
                try lab.write(golden.documents(from: source), to: "in.yml")
                let expected = golden.bytes(from: source)
                for concurrency in ["1", "3", "16"] {
                    let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "g.tar", "--concurrency", concurrency)
                    #expect(outcome.status == 0, "\(outcome.log)")
                    #expect(try lab.read("g.tar") == expected)
                }
            }
        }
    }

    @Test("nothing is pushed from a package with an altered layer, and no YAML is printed")
    func alteredLayer() async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                let images = try await lab.push("basic", to: source)
                try lab.write(images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"), to: "in.yml")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
                let alter =
                    "import sys\nf = open('p.tar', 'r+b'); f.seek(-1536, 2); b = f.read(1); f.seek(-1536, 2)\n"
                    + "while b == b'\\0': f.seek(-2, 1); b = f.read(1); f.seek(-1, 1)\nf.write(bytes([b[0] ^ 1]))\n"
                try await lab.succeed("python3", ["-c", alter])
                let outcome = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", source + "/altered/x")
                #expect(outcome.status == 1)
                #expect(outcome.output == "")
                #expect(outcome.log.contains("p.tar") && outcome.log.contains("entry 'sha256-"), "\(outcome.log)")
                #expect(try await lab.tags(source + "/altered/x") == [])
            }
        }
    }

    @Test("a package that fails leaves the older one, and nothing beside it")
    func failingPackage() async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                let images = try await lab.push("basic", to: source)
                let missing = source + "/lib/app-oci@sha256:" + String(repeating: "0", count: 64)
                try lab.write("a:\n- image: \(try #require(images["oci"]))\n- image: \(missing)\n", to: "in.yml")
                try lab.write("older", to: "p.tar")
                let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
                #expect(outcome.status == 1)
                #expect(outcome.log.contains("kbld: Error: ") && outcome.log.contains(missing))
                #expect(String(decoding: try lab.read("p.tar"), as: UTF8.self) == "older")
                #expect(try lab.files().filter { $0.contains("p.tar") } == ["p.tar"])
            }
        }
    }

    @Test("skopeo pushes to and pulls from the embedded registry", arguments: ["memory", "folder"])
    func embeddedRegistry(storage: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                let images = try await lab.push("basic", to: source)
                let folder = storage == "folder" ? ["--storage", lab.folder + "/embedded"] : []
                try await lab.serve(
                    Lab.program,
                    ["serve-registry", "--listen", "127.0.0.1:0"] + folder
                ) { port in
                    let copy = [
                        "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false",
                        "--dest-tls-verify=false",
                    ]
                    for (name, reference) in images {
                        let there = "127.0.0.1:\(port)/copied/\(name):x"
                        try await lab.succeed("skopeo", copy + ["docker://" + reference, "docker://" + there])
                        #expect(try await lab.rawManifest(there) == lab.rawManifest(reference))
                        let back = "\(source)/back/\(name):x"
                        try await lab.succeed("skopeo", copy + ["docker://" + there, "docker://" + back])
                        #expect(try await lab.rawManifest(back) == lab.rawManifest(reference))
                    }
                }
            }
        }
    }
}
