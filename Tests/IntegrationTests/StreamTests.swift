import Testing

@Suite("Packages in streams", .serialized, .needs(.dockerRegistry, .skopeo))
struct StreamTests {
    /// Runs `body` with a registry that has images, and `in.yml` that names them.
    private func withImages(
        _ body: @Sendable (Lab, _ source: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                var images = try await lab.push("basic", to: source)
                images.merge(try await lab.push("exotic", to: source)) { $1 }
                try lab.write(images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"), to: "in.yml")
                try await body(lab, source, images)
            }
        }
    }

    private func shell(_ lab: Lab, _ script: String) async throws -> Lab.Outcome {
        let prefix = "kbld() { \"$KBLD\" \"$@\"; }\nset -o pipefail\n"
        return try await lab.run("bash", ["-c", prefix + script], environment: ["KBLD": Lab.program])
    }

    @Test("a package goes through a pipe from registry to registry, and is the one that a file would hold")
    func pipe() async throws {
        try await withImages { lab, source, images in
            try await lab.registry { target in
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "file.tar").status == 0)
                let outcome = try await shell(
                    lab,
                    "kbld pkg -f in.yml -o - | tee stream.tar | kbld unpkg -f in.yml -i - -r \(target)/piped/app"
                )
                try #require(outcome.status == 0, "\(outcome.log)")
                #expect(try lab.read("stream.tar") == lab.read("file.tar"))
                for reference in images.values {
                    let digest = reference.split(separator: "@")[1]
                    #expect(outcome.output.contains("image: \(target)/piped/app@\(digest)\n"))
                    #expect(try await lab.rawManifest("\(target)/piped/app@\(digest)") == lab.rawManifest(reference))
                }
                // Every blob is there: another tool copies the images away again.
                let back = ["copy", "-q", "--all", "--src-tls-verify=false"]
                for name in ["index", "docker", "zstd", "duplayer"] {
                    let digest = try #require(images[name]?.split(separator: "@")[1])
                    let arrived = "docker://\(target)/piped/app@\(digest)"
                    try await lab.succeed("skopeo", back + [arrived, "dir:\(lab.folder)/\(name)"])
                }
                let again = try await shell(lab, "kbld unpkg -f in.yml -i - -r \(target)/piped/app < stream.tar")
                #expect(again.status == 0)
                #expect(again.output == outcome.output)
            }
        }
    }

    @Test("named pipes and open descriptors are streams too")
    func namedPipes() async throws {
        try await withImages { lab, source, images in
            #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "file.tar").status == 0)
            let written = try await shell(
                lab,
                """
                mkfifo pipe; cat pipe > fifo.tar & kbld pkg -f in.yml -o pipe && wait
                kbld pkg -f in.yml -o /dev/fd/5 5> descriptor.tar
                """
            )
            #expect(written.status == 0, "\(written.log)")
            #expect(try lab.read("fifo.tar") == lab.read("file.tar"))
            #expect(try lab.read("descriptor.tar") == lab.read("file.tar"))
            let read = try await shell(
                lab,
                "cat fifo.tar > pipe & kbld unpkg -f in.yml -i pipe -r \(source)/fifo/app && wait\n"
                    + "kbld unpkg -f in.yml -i /dev/fd/5 -r \(source)/fd/app 5< <(cat fifo.tar)"
            )
            #expect(read.status == 0, "\(read.log)")
            let digests = Set(images.values.map { $0.split(separator: "@")[1] })
            #expect(try await lab.tags(source + "/fifo/app").count == digests.count)
            #expect(try await lab.tags(source + "/fd/app").count == digests.count)
        }
    }

    @Test("all that read packages take streams, of any format and order, and leave nothing behind")
    func kept() async throws {
        try await withImages { lab, source, images in
            let script = """
                set -e; export TMPDIR=$PWD/temporary; mkdir temporary folder
                kbld pkg -f in.yml -o p.tar; kbld pkg -f in.yml -o o.tar --format runtime
                tar xf p.tar; tar cf other.tar sha256-* manifest.json
                zstd -q o.tar
                for name in p.tar other.tar o.tar o.tar.zst; do
                  kbld package ls $name > expected; cat $name | kbld package ls - | cmp expected -
                  cat $name | kbld verify -f in.yml -i - 2> log; grep -q ' 0 errors' log
                  kbld package diff --exit-code p.tar <(cat $name); cat $name | kbld package diff --exit-code - p.tar
                  cat $name | kbld package inspect - > /dev/null
                  cat $name | kbld package convert - c.tar --format oci; kbld package diff --exit-code p.tar c.tar
                  cat $name | kbld copy - layout-$name/; kbld package diff --exit-code p.tar layout-$name
                  cat $name | kbld package load - --into folder/; kbld package diff --exit-code p.tar folder/images.tar
                  rm folder/images.tar
                  cat $name | kbld unpkg -f in.yml -i - -r \(source)/kept/$name > /dev/null
                  kbld verify p.tar --against \(source)/kept/$name
                done
                ls -A temporary
                """
            let outcome = try await shell(lab, script)
            #expect(outcome.status == 0 && !outcome.output.contains("kbld"), "\(outcome.output)\(outcome.log)")
            #expect(try lab.files("temporary").isEmpty)
        }
    }

    @Test("a reader that goes away ends it with an error")
    func readerLeaves() async throws {
        try await withImages { lab, source, _ in
            // More than a pipe holds.
            let images = try await lab.push("big", to: source)
            try lab.write(images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"), to: "big.yml")
            let outcome = try await shell(
                lab,
                "kbld pkg -f big.yml -o - | head -c 100 > /dev/null; exit ${PIPESTATUS[0]}"
            )
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("kbld: Error: Writing package to standard output: the reader closed the pipe"))
        }
    }

    @Test("a tarball isn't written to a terminal")
    func terminal() async throws {
        try await withImages { lab, _, _ in
            let outcome = try await shell(lab, "script -qec \"$KBLD pkg -f in.yml -o -\" /dev/null < /dev/null")
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("kbld: Error: Writing package to standard output: it is a terminal"))
            #expect(!outcome.output.contains("manifest.json"))
        }
    }

    @Test("nothing is written when an image is missing")
    func missingImage() async throws {
        try await withImages { lab, source, images in
            let missing = "image: \(source)/lib/app-oci@sha256:" + String(repeating: "0", count: 64)
            try lab.write("image: \(try #require(images["oci"]))\n---\n\(missing)\n", to: "bad.yml")
            let outcome = try await lab.kbld("pkg", "-f", "bad.yml", "-o", "-")
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
        }
    }

    @Test(
        "a stream that is cut off or altered is refused before any image has a name",
        arguments: [
            ("head -c 700 ok.tar", "too early"),
            ("head -c 60000 ok.tar", "too early"),
            ("tar xf ok.tar && tar cf - manifest.json", "is missing"),
            (
                "tar xf ok.tar && for f in sha256-*; do printf X | dd of=$f conv=notrunc status=none; done; "
                    + "tar cf - manifest.json sha256-*", "entry 'sha256-"
            ),
            ("printf 'no tarball'", "this is not a package"),
            ("true", "it is empty"),
        ]
    )
    func refusals(script: String, words: String) async throws {
        try await withImages { lab, source, _ in
            #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "ok.tar").status == 0)
            let repository = source + "/refused/app"
            let outcome = try await shell(lab, "{ \(script); } | kbld unpkg -f in.yml -i - -r \(repository)")
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.log.contains("kbld: Error: ") && outcome.log.contains(words), "\(outcome.log)")
            #expect(try await lab.tags(repository) == [])
        }
    }

    @Test("standard input can't be both the package and the documents")
    func bothFromStandardInput() async throws {
        try await Lab.open { lab in
            let outcome = try await lab.kbld("unpkg", "-f", "-", "-i", "-", "-r", "localhost:1/x")
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("Standard input can't be both the package"))
        }
    }

    @Test("a layer of 256 MiB passes through little memory")
    func memory() async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                let push = """
                    import os, sys
                    sys.path.insert(0, sys.argv[1])
                    sys.argv = ["", "\(source)", "none"]
                    from labimg import *
                    layer = os.urandom(1 << 20) * 256
                    image = Image([(OCI_TAR, layer, digest(layer), None)])
                    print("image: \(source)/big/one@" + image.push(Registry("\(source)"), "big/one"))
                    """
                let pushed = try await lab.run("python3", ["-c", push, Lab.fixtures])
                try #require(pushed.status == 0, "\(pushed.log)")
                try lab.write(pushed.output, to: "in.yml")
                let measured = """
                    import resource, subprocess, sys
                    status = subprocess.call(sys.argv[2:])
                    open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
                    sys.exit(status)
                    """
                try lab.write(measured, to: "measured.py")
                let outcome = try await shell(
                    lab,
                    "python3 measured.py out.kib \"$KBLD\" pkg -f in.yml -o - | "
                        + "python3 measured.py in.kib \"$KBLD\" unpkg -f in.yml -i - -r \(source)/big/two"
                )
                try #require(outcome.status == 0, "\(outcome.log)")
                for name in ["out.kib", "in.kib"] {
                    let peak = try #require(Int(String(decoding: try lab.read(name), as: UTF8.self)))
                    #expect((1 << 10) < peak && peak < 96 << 10, "\(name): \(peak) KiB")
                }
            }
        }
    }
}
