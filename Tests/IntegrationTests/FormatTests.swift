import FoundationEssentials
import Testing

@Suite(
    "Packages of other formats, with the tools that they are of",
    .serialized,
    .needs(.dockerRegistry, .podman, .skopeo, .zstd)
)
struct FormatTests {
    private func digest(_ reference: String) throws -> String {
        String(try #require(reference.split(separator: "@").last))
    }

    @Test(
        "an OCI layout, in a folder or a tarball, arrives by skopeo under the same digests",
        arguments: ["o.tar", "o/"]
    )
    func written(output: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let basic = try await lab.push("basic", to: registry)
                let exotic = try await lab.push("exotic", to: registry)
                let all = Array(basic.values) + exotic.values
                try lab.write(all.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
                let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", output, "--format", "oci")
                try #require(outcome.status == 0, "\(outcome.log)")
                #expect(outcome.output == "")
                let isFolder = output.hasSuffix("/")
                let place = isFolder ? "oci:\(lab.folder)/o" : "oci-archive:\(lab.folder)/o.tar"
                // Of a layout skopeo and podman see what is of OCI's own media types.
                for name in ["oci", "shared", "index"] {
                    let reference = try #require(basic[name])
                    let digest = try digest(reference)
                    let tag = "kbld-" + digest.replacing(":", with: "-")
                    try await lab.succeed(
                        "skopeo",
                        ["copy", "-q", "--all", "--preserve-digests", "--dest-tls-verify=false", "\(place):\(tag)"]
                            + ["docker://\(registry)/copied/\(name):1"]
                    )
                    let copied = try await lab.rawManifest("\(registry)/copied/\(name):1")
                    #expect(try await lab.rawManifest(reference) == copied)
                }
                let input = isFolder ? "o" : output
                let installed = try await lab.kbld("unpkg", "-f", "in.yml", "-i", input, "-r", registry + "/back/all")
                try #require(installed.status == 0, "\(installed.log)")
                for reference in all {
                    let digest = try digest(reference)
                    #expect(installed.output.contains("image: \(registry)/back/all@\(digest)\n"))
                    let back = try await lab.rawManifest("\(registry)/back/all@\(digest)")
                    #expect(try await lab.rawManifest(reference) == back)
                }
            }
        }
    }

    @Test("cosign's tags are in a layout's index, and skopeo finds what they name")
    func cosignTags() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let image = try #require(try await lab.push("basic", to: registry)["index"])
                try await lab.succeed("python3", [lab.script("push_artifacts.py"), image])
                try lab.write("image: \(image)\n", to: "in.yml")
                let packing = ["pkg", "-f", "in.yml", "-o", "o.tar", "--format", "oci", "--cosign"]
                try await lab.succeed(Lab.program, packing)
                let repository = image.split(separator: "@")[0]
                let tag = "sha256-\(image.suffix(64)).sig"
                let place = "oci-archive:\(lab.folder)/o.tar:"
                let found = try await lab.run("skopeo", ["inspect", "--raw", place + tag])
                #expect(try await found.output == lab.rawManifest("\(repository):\(tag)"), "\(found.log)")
                let index = try await lab.run("tar", ["xOf", "o.tar", "index.json"]).output
                #expect(index.contains(#""io.containerd.image.name":"\#(repository):\#(tag)""#), "\(index)")
                try lab.write("image: \(repository):\(tag)\n", to: "signature.yml")
                let named = try await lab.kbld("unpkg", "-f", "signature.yml", "-i", "o.tar", "-r", registry + "/far")
                #expect(named.status == 0 && named.output.contains("\(registry)/far@sha256:"), "\(named.log)")
                let bad = index.replacing(#"{\"names\""#, with: #"[\"names\""#)
                try #require(bad != index)
                try lab.write(bad, to: "index.json")
                try await lab.succeed("sh", ["-c", "mkdir bad && tar xf o.tar -C bad && mv index.json bad"])
                let refused = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "bad", "-r", registry + "/bad")
                #expect(refused.status == 1 && refused.log.contains("package's metadata"), "\(refused.log)")
                #expect(try await lab.kbld("verify", "bad").status == 1)
            }
        }
    }

    @Test("an oci-archive has the same bytes at any concurrency, and podman loads it")
    func reproducible() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                let reference = try #require(images["oci"])
                try lab.write("image: \(reference)\n", to: "in.yml")
                var sums: Set<String> = []
                for concurrency in ["1", "3", "16"] {
                    let arguments = ["-f", "in.yml", "-o", "o.tar", "--format", "oci", "--concurrency", concurrency]
                    let outcome = try await lab.run(Lab.program, ["pkg"] + arguments)
                    try #require(outcome.status == 0, "\(outcome.log)")
                    sums.insert(try await lab.run("sha256sum", ["o.tar"]).output)
                }
                #expect(sums.count == 1)
                let tag = "kbld-" + (try digest(reference)).replacing(":", with: "-")
                try await lab.podman("pull", "-q", "oci-archive:\(lab.folder)/o.tar:\(tag)")
                let listed = try await lab.podman("images", "--digests", "--format", "{{.Digest}}")
                #expect(listed.contains(try digest(reference)))
            }
        }
    }

    @Test("a folder with anything else in it is left alone")
    func foreignFolder() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                try lab.write("image: \(try #require(images["oci"]))\n", to: "in.yml")
                try await lab.succeed("mkdir", ["full", "layout"])
                try lab.write("mine\n", to: "full/notes.txt")
                try await lab.succeed(
                    "skopeo",
                    ["copy", "-q", "--src-tls-verify=false", "docker://\(registry)/lib/app-oci:1.0"]
                        + ["oci:\(lab.folder)/layout:theirs"]
                )
                let before = try lab.read("layout/index.json")
                for folder in ["full", "layout"] {
                    let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", folder, "--format", "oci")
                    #expect(outcome.status == 1)
                    #expect(
                        outcome.log.contains("'\(folder)'") && outcome.log.contains("choose another"),
                        "\(outcome.log)"
                    )
                }
                #expect(try lab.read("layout/index.json") == before)
                for _ in 0..<2 {
                    let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "again/", "--format", "oci")
                    #expect(outcome.status == 0, "\(outcome.log)")
                }
            }
        }
    }

    @Test("what skopeo wrote is installed, by the names that it gave")
    func fromSkopeo() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                let copy = ["copy", "-q", "--all", "--src-tls-verify=false", "docker://\(registry)/lib/multi"]
                try await lab.succeed("skopeo", copy + ["oci-archive:\(lab.folder)/a.tar:r.io/multi:7"])
                try await lab.succeed("skopeo", copy + ["oci:\(lab.folder)/lay:r.io/multi:7"])
                let index = try digest(try #require(images["index"]))
                try lab.write("a:\n- image: r.io/multi:7\n- image: \(try #require(images["index"]))\n", to: "in.yml")
                for input in ["a.tar", "lay"] {
                    let repository = "\(registry)/from/\(input)"
                    let outcome = try await lab.kbld("unpkg", "-f", "in.yml", "-i", input, "-r", repository)
                    try #require(outcome.status == 0, "\(outcome.log)")
                    let line = "- image: \(repository)@\(index)\n"
                    #expect(outcome.output.hasSuffix(line + line), "\(outcome.output)")
                    let arrived = try await lab.rawManifest("\(repository)@\(index)")
                    #expect(try await lab.rawManifest("\(registry)/lib/multi@\(index)") == arrived)
                }
            }
        }
    }

    @Test("docker-archives of skopeo and podman are installed, with a digest that stays the same")
    func dockerArchives() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                _ = try await lab.push("basic", to: registry)
                let source = "docker://\(registry)/lib/app-docker:1.0"
                for file in ["one.tar", "two.tar"] {
                    let target = "docker-archive:\(lab.folder)/\(file):r.io/app:1.0"
                    try await lab.succeed("skopeo", ["copy", "-q", "--src-tls-verify=false", source, target])
                }
                let local = "\(registry)/lib/app-docker:1.0"
                try await lab.podman("pull", "-q", "--tls-verify=false", local)
                try await lab.podman("tag", local, "r.io/app:1.0")
                let file = lab.folder + "/three.tar"
                try await lab.podman("save", "-q", "--format", "docker-archive", "-o", file, "r.io/app:1.0")
                try lab.write("image: r.io/app:1.0\n", to: "in.yml")
                var outputs: Set<String> = []
                for file in ["one.tar", "two.tar", "three.tar"] {
                    let outcome = try await lab.kbld(
                        "unpkg",
                        "-f",
                        "in.yml",
                        "-i",
                        file,
                        "-r",
                        registry + "/from/docker"
                    )
                    try #require(outcome.status == 0, "\(outcome.log)")
                    #expect(outcome.log.contains("r.io/app:1.0 -> sha256:"))
                    outputs.insert(outcome.output)
                }
                let alter = "b = bytearray(open('one.tar', 'rb').read()); b[700] ^= 1; open('bad.tar', 'wb').write(b)"
                try await lab.succeed("python3", ["-c", alter])
                let refused = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "bad.tar", "-r", registry + "/bad/one")
                #expect(refused.status == 1)
                #expect(refused.output == "")
                #expect(refused.log.contains("Reading package 'bad.tar', entry '"), "\(refused.log)")
                let arrived = try #require(outputs.first?.split(separator: " ").last?.split(separator: "\n").first)
                #expect(outputs.count == 1, "\(outputs)")
                try await lab.podman("pull", "-q", "--tls-verify=false", String(arrived))
            }
        }
    }

    @Test("imgpkg's tarballs are installed, also by the references that they had before")
    func imgpkg() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                let reference = try #require(images["index"])
                try lab.write("image: \(reference)\n", to: "in.yml")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
                // imgpkg's manifest.json has three keys more.
                let rewrite = """
                    import io, json, tarfile
                    old = tarfile.open('p.tar'); new = tarfile.open('i.tar', 'w')
                    for member in old:
                        data = old.extractfile(member).read()
                        if member.name == 'manifest.json':
                            items = json.loads(data)
                            for item in items:
                                item['ImageIndex'].update(Tag='v9', OrigRef='origin.io/team/multi:9', Labels={'a': 'b'})
                            data = json.dumps(items).encode()
                        member.size = len(data); new.addfile(member, io.BytesIO(data))
                    new.close()
                    """
                try await lab.succeed("python3", ["-c", rewrite])
                let place = try #require(reference.split(separator: "@").first)
                try lab.write(
                    "a:\n- image: origin.io/team/multi:9\n- image: \(place):v9\n- image: \(reference)\n",
                    to: "in.yml"
                )
                let outcome = try await lab.kbld(
                    "unpkg",
                    "-f",
                    "in.yml",
                    "-i",
                    "i.tar",
                    "-r",
                    registry + "/from/imgpkg"
                )
                try #require(outcome.status == 0, "\(outcome.log)")
                #expect(outcome.log.contains("has the format imgpkg"))
                let line = "- image: \(registry)/from/imgpkg@\(try digest(reference))\n"
                #expect(outcome.output.hasSuffix(line + line + line), "\(outcome.output)")
            }
        }
    }

    @Test("layouts that lie are refused, with the entry's name, and nothing is pushed")
    func hostile() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                try lab.write("image: \(try #require(images["oci"]))\n", to: "in.yml")
                let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "good/", "--format", "oci")
                try #require(outcome.status == 0, "\(outcome.log)")
                let layer = "max(glob.glob('bad/blobs/sha256/*'), key=os.path.getsize)"
                let cases: [(change: String, expected: String)] = [
                    ("p = \(layer); os.remove(p); os.symlink('/etc/passwd', p)", "leads out of the folder"),
                    ("shutil.rmtree('bad/blobs'); os.symlink('/', 'bad/blobs')", "blobs/sha256/"),
                    ("p = \(layer); os.remove(p); os.mkfifo(p)", "not a regular file"),
                    ("p = \(layer); os.remove(p)", "is missing"),
                    ("p = \(layer); open(p, 'ab').write(b'x')", "bytes, but the manifest says"),
                    ("p = \(layer); f = open(p, 'r+b'); f.seek(40); f.write(b'other')", "blobs/sha256/"),
                    ("edit(lambda i: i['manifests'][0].update(digest='sha256:../../../etc/passwd'))", "index.json"),
                    ("edit(lambda i: i['manifests'][0].update(digest='sha256:' + 'a' * 64))", "is missing"),
                    ("edit(lambda i: i['manifests'][0].update(size=-1))", "index.json"),
                    ("open('bad/index.json', 'w').write('[' * 200000)", "index.json"),
                    ("open('bad/oci-layout', 'w').write('{\"imageLayoutVersion\":\"9.0.0\"}')", "version '9.0.0'"),
                    ("os.truncate('bad/index.json', 80 << 20)", "bytes; at most"),
                ]
                for (change, expected) in cases {
                    let script = """
                        import glob, json, os, shutil
                        shutil.rmtree('bad', ignore_errors=True); shutil.copytree('good', 'bad')
                        def edit(change):
                            index = json.load(open('bad/index.json')); change(index)
                            json.dump(index, open('bad/index.json', 'w'))
                        \(change)
                        """
                    try await lab.succeed("python3", ["-c", script])
                    let refused = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "bad", "-r", registry + "/bad/one")
                    #expect(refused.status == 1, "\(change): \(refused.log)")
                    #expect(refused.output == "")
                    #expect(refused.log.contains("kbld: Error: "), "\(change): \(refused.log)")
                    #expect(refused.log.contains(expected), "\(change): \(refused.log)")
                }
                #expect(try await lab.tags(registry + "/bad/one") == [])
            }
        }
    }

    @Test("files that are not a package are refused, with what to do")
    func noPackages() async throws {
        try await Lab.open { lab in
            try lab.write("image: r.io/a:1\n", to: "in.yml")
            try await lab.succeed("tar", ["cf", "other.tar", "in.yml"])
            try await lab.succeed("gzip", ["-k", "other.tar"])
            try lab.write("BZh91AY&SY", to: "other.tar.bz2")
            try await lab.succeed("mkdir", ["empty"])
            let expected = [
                "other.tar": "has no 'manifest.json'", "other.tar.gz": "has no 'manifest.json'",
                "other.tar.bz2": "bzip2 -dk 'other.tar.bz2'", "empty": "not an OCI image layout",
                "in.yml": "'in.yml'", "absent": "'absent'",
            ]
            for (input, text) in expected {
                let outcome = try await lab.kbld("unpkg", "-f", "in.yml", "-i", input, "-r", "127.0.0.1:1/a/b")
                #expect(outcome.status == 1)
                #expect(outcome.log.contains(text), "\(outcome.log)")
                #expect(outcome.output == "")
            }
        }
    }
}
