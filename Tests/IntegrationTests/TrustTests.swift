import FoundationEssentials
import Testing

@Suite("What a package may claim, and what may be claimed of an image", .serialized, .needs(.dockerRegistry, .skopeo))
struct TrustTests {
    /// Gives a tarball or layout other notes: `metadata.py PACKAGE JSON`.
    private static let rewriting = """
        import io, json, os, sys, tarfile
        path, notes = sys.argv[1], sys.argv[2]
        if os.path.isdir(path):
            index = json.load(open(path + "/index.json")); index.setdefault("annotations", {})
            index["annotations"]["dev.carvel.kbld.notes"] = notes
            json.dump(index, open(path + "/index.json", "w"))
        else:
            with tarfile.open(path) as t: files = [(m.name, t.extractfile(m).read()) for m in t.getmembers()]
            files = [f for f in files if f[0] != "kbld-notes.json"]
            files.insert(1, ("kbld-notes.json", notes.encode()))
            with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as t:
                for name, data in files:
                    member = tarfile.TarInfo(name); member.size = len(data); t.addfile(member, io.BytesIO(data))
        """

    private static func platforms(_ index: String, _ image: String, whole: String? = nil) -> String {
        let proof = whole.map { #","whole":"\#($0)""# } ?? ""
        return #"{"slimmings":[{"index":"\#(index)","slimmed":"\#(image)","platforms":["linux/amd64"]\#(proof)}]}"#
    }

    private static func digest(_ reference: String) -> Substring { reference.split(separator: "@")[1] }

    private static func unpackaging(_ package: String, to repository: String) -> [String] {
        package == "-"
            ? ["-c", "\(Lab.program) unpkg -f in.yml -i - -r \(repository) < p.tar"]
            : ["-c", "\(Lab.program) unpkg -f in.yml -i \(package) -r \(repository)"]
    }

    @Test("no notes make another image of a pinned one", arguments: ["p.tar", "-", "layout/"])
    func pinnedImage(way: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pushed = try await lab.push("basic", to: registry)
                let (pinned, other) = (try #require(pushed["index"]), try #require(pushed["oci"]))
                // The documents pin the index; the package has another image alone.
                try lab.write("image: \(other)\n", to: "other.yml")
                try lab.write("image: \(pinned)\n", to: "in.yml")
                try lab.write(Self.rewriting, to: "notes.py")
                let file = way == "-" ? "p.tar" : way
                let format = way == "layout/" ? ["--format", "oci"] : []
                let claims = [
                    Self.platforms(pinned, other), Self.platforms(pinned, other, whole: "{}"),
                    Self.platforms(pinned, pinned), #"{"platformFilters":null,"Slimmings":[]}"#,
                ]
                for claim in claims {
                    let packed = try await lab.run(Lab.program, ["pkg", "-f", "other.yml", "-o", file] + format)
                    try #require(packed.status == 0, "\(packed.log)")
                    try await lab.succeed("python3", ["notes.py", file, claim])
                    let moved = try await lab.run("sh", Self.unpackaging(way, to: registry + "/far/app"))
                    #expect(moved.status == 1 && moved.output == "", "\(claim): \(moved.log)")
                    #expect(try await lab.kbld("verify", file, "-f", "in.yml").status == 1, "\(claim)")
                    if way == "layout/" { try lab.removeFolder("layout") }
                }
            }
        }
    }

    @Test("a filtered index without proof, as older packages have it, is refused with what to do")
    func withoutProof() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pinned = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("image: \(pinned)\n", to: "in.yml")
                try lab.write(
                    Self.rewriting.replacing("path, notes =", with: "path, _ =").replacing(
                        "files = [f for f in files",
                        with: """
                            notes = json.loads(dict(files)["kbld-notes.json"]); del notes["slimmings"][0]["whole"]
                                notes = json.dumps(notes)
                                files = [f for f in files
                            """
                    ),
                    to: "notes.py"
                )
                let packing = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--platform", "linux/amd64")
                #expect(packing.status == 0, "\(packing.log)")
                try await lab.succeed("python3", ["notes.py", "p.tar", ""])
                let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", registry + "/far/app")
                #expect(moved.status == 1 && moved.output == "")
                #expect(moved.log.contains("re-create it from the same documents"), "\(moved.log)")
                #expect(moved.log.contains(pinned))
                #expect(try await lab.kbld("package", "inspect", "p.tar").status == 0)
            }
        }
    }

    @Test(
        "no name that a package records makes another image of a pinned one",
        arguments: ["imgpkg", "docker-archive"]
    )
    func recordedNames(format: String) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pushed = try await lab.push("basic", to: registry)
                let (pinned, other) = (try #require(pushed["index"]), try #require(pushed["oci"]))
                try lab.write("image: \(pinned)\n", to: "in.yml")
                try lab.write(
                    """
                    import hashlib, io, json, sys, tarfile
                    kind, pinned, other = sys.argv[1:]
                    def write(files):
                        with tarfile.open("p.tar", "w", format=tarfile.USTAR_FORMAT) as t:
                            for name, data in files:
                                member = tarfile.TarInfo(name); member.size = len(data); t.addfile(member, io.BytesIO(data))
                    if kind == "imgpkg":
                        with tarfile.open("whole.tar") as t: files = [(m.name, t.extractfile(m).read()) for m in t.getmembers()]
                        items = json.loads(files[0][1])
                        for item in items: item["Image"].update(Tag="v1", OrigRef=pinned, Labels={})
                        write([("manifest.json", json.dumps(items).encode())] + files[1:])
                    else:
                        layer = b"layer"; found = "sha256:" + hashlib.sha256(layer).hexdigest()
                        config = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [found]}}
                        item = {"Config": "c.json", "RepoTags": [pinned], "Layers": ["l.tar"]}
                        write([("manifest.json", json.dumps([item]).encode()), ("c.json", json.dumps(config).encode()),
                               ("l.tar", layer)])
                    """,
                    to: "names.py"
                )
                try lab.write("image: \(other)\n", to: "other.yml")
                #expect(try await lab.kbld("pkg", "-f", "other.yml", "-o", "whole.tar").status == 0)
                try await lab.succeed("python3", ["names.py", format, pinned, other])
                let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", registry + "/far/app")
                #expect(moved.status == 1 && moved.output == "", "\(moved.log)")
                #expect(moved.log.contains(pinned), "\(moved.log)")
            }
        }
    }

    @Test("notes move no tag of the destination")
    func tags() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pushed = try await lab.push("basic", to: registry)
                let (image, own) = (try #require(pushed["oci"]), try #require(pushed["index"]))
                try lab.write("image: \(image)\n", to: "in.yml")
                try lab.write(Self.rewriting, to: "notes.py")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "whole.tar").status == 0)
                let repository = registry + "/far/app"
                let hex = Self.digest(own).dropFirst(7)
                for tag in ["latest", "sha256-\(hex).sig", "kbld-sha256-\(hex)"] {
                    try await lab.succeed(
                        "skopeo",
                        ["copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--all", "--preserve-digests"]
                            + ["docker://\(own)", "docker://\(repository):\(tag)"]
                    )
                    try Data(try lab.read("whole.tar")).write(to: URL(filePath: lab.folder + "/p.tar"))
                    let claim = #"{"names":[{"tag":"\#(tag)","image":"\#(image)"}]}"#
                    try await lab.succeed("python3", ["notes.py", "p.tar", claim])
                    let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", repository)
                    #expect(moved.status == 1, "\(moved.log)")
                    #expect(moved.log.contains("'\(tag)'"), "\(moved.log)")
                    #expect(
                        try await lab.rawManifest("\(repository):\(tag)") == lab.rawManifest(own),
                        "\(tag) was moved"
                    )
                }
            }
        }
    }

    @Test("of an index no more is asked for than its platforms need: the others may be missing")
    func sparseIndex() async throws {
        try await Lab.open { lab in
            try await lab.serve(Lab.program, ["serve-registry", "--listen", "127.0.0.1:0"]) { port in
                let registry = "127.0.0.1:\(port)"
                let index = try #require(try await lab.push("basic", to: registry)["index"])
                let repository = index.split(separator: "@")[0].dropFirst(registry.count + 1)
                try lab.write(
                    """
                    import http.client, json, sys
                    host, repository, digest = sys.argv[1:]
                    def ask(method, path):
                        c = http.client.HTTPConnection(host); c.request(method, path); r = c.getresponse(); return r.status, r.read()
                    entries = json.loads(ask("GET", f"/v2/{repository}/manifests/{digest}")[1])["manifests"]
                    gone = next(e for e in entries if e["platform"]["architecture"] != "amd64")
                    assert ask("DELETE", f"/v2/{repository}/manifests/{gone['digest']}")[0] == 202
                    print(gone["digest"])
                    """,
                    to: "thin.py"
                )
                let thinned = try await lab.run(
                    "python3",
                    ["thin.py", registry, String(repository), String(Self.digest(index))]
                )
                try #require(thinned.status == 0, "\(thinned.log)")
                let gone = thinned.output.split(separator: "\n")[0]
                try lab.write("image: \(index)\n", to: "in.yml")
                let whole = try await lab.kbld("pkg", "-f", "in.yml", "-o", "all.tar")
                #expect(whole.status == 1 && whole.log.contains(gone), "\(whole.log)")
                for arguments in [["pkg", "-o", "one.tar"], ["relocate", "-r", registry + "/far/app"]] {
                    let outcome = try await lab.run(
                        Lab.program,
                        arguments + ["-f", "in.yml", "--platform", "linux/amd64"]
                    )
                    #expect(outcome.status == 0, "\(outcome.log)")
                    #expect(!outcome.log.contains(gone))
                }
                #expect(try await lab.kbld("verify", "one.tar", "-f", "in.yml").status == 0)
            }
        }
    }

    /// Pushes an image and an index by SHA-512; prints their digests.
    private static let pushing = """
        import hashlib, http.client, json, sys
        host = sys.argv[1]
        def ask(method, path, body=None, headers={}):
            c = http.client.HTTPConnection(host); c.request(method, path, body, headers); r = c.getresponse(); r.read()
            assert r.status < 300, (method, path, r.status); return r
        def blob(data, kind):
            found = "sha512:" + hashlib.sha512(data).hexdigest()
            place = ask("POST", "/v2/lib/app/blobs/uploads/").headers["Location"]
            ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + found, data)
            return {"mediaType": "application/vnd.oci.image." + kind, "digest": found, "size": len(data)}
        def manifest(value, kind):
            value = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image." + kind, **value}
            data = json.dumps(value).encode(); found = "sha512:" + hashlib.sha512(data).hexdigest()
            ask("PUT", "/v2/lib/app/manifests/" + found, data, {"Content-Type": value["mediaType"]})
            return {"mediaType": value["mediaType"], "digest": found, "size": len(data)}
        image = manifest({"config": blob(b"{}", "config.v1+json"), "layers": [blob(b"layer" * 999, "layer.v1.tar"), blob(b"", "layer.v1.tar")]},
                         "manifest.v1+json")
        print(manifest({"manifests": [image]}, "index.v1+json")["digest"])
        """

    @Test("an image by SHA-512 keeps its digest on every way", arguments: ["p.tar", "-", "layout/", "relocate"])
    func longDigests(way: String) async throws {
        try await Lab.open { lab in
            try await lab.serve(Lab.program, ["serve-registry", "--listen", "127.0.0.1:0"]) { port in
                let registry = "127.0.0.1:\(port)"
                try lab.write(Self.pushing, to: "push.py")
                let pushed = try await lab.run("python3", ["push.py", registry])
                try #require(pushed.status == 0, "\(pushed.log)")
                let digest = pushed.output.split(separator: "\n")[0]
                try lab.write("image: \(registry)/lib/app@\(digest)\n", to: "in.yml")
                let repository = registry + "/far/app"
                let moved: Lab.Outcome
                if way == "relocate" {
                    moved = try await lab.kbld("relocate", "-f", "in.yml", "-r", repository)
                } else {
                    let file = way == "-" ? "p.tar" : way
                    let format = way == "layout/" ? ["--format", "oci"] : []
                    let packed = try await lab.run(Lab.program, ["pkg", "-f", "in.yml", "-o", file] + format)
                    #expect(packed.status == 0, "\(packed.log)")
                    moved = try await lab.run("sh", Self.unpackaging(way, to: repository))
                    let verified = try await lab.kbld("verify", file, "-f", "in.yml", "--against", repository, "--deep")
                    #expect(verified.status == 0, "\(verified.log)")
                }
                #expect(moved.status == 0, "\(moved.log)")
                #expect(moved.output.contains("\(repository)@\(digest)"))
            }
        }
    }
}
