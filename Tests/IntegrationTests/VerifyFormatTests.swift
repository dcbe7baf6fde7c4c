import FoundationEssentials
import Testing

@Suite("Verifying packages of other formats", .serialized, .needs(.dockerRegistry, .skopeo))
struct VerifyFormatTests {
    private func verify(_ lab: Lab, _ package: String, _ more: String...) async throws -> Verification {
        let outcome = try await lab.run(Lab.program, ["verify", package, "--json"] + more)
        let found = try JSONDecoder().decode(Verification.self, from: Data(outcome.output.utf8))
        #expect(outcome.status == (found.ok ? 0 : 1), "\(outcome.log)")
        #expect(found.ok == found.faults.isEmpty)
        return found
    }

    /// The basic set as a layout folder `lay`, an archive of it, and a docker-archive of one image.
    private func withPackages(_ body: @Sendable (Lab, _ registry: String) async throws -> Void) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                let text = images.values.sorted().map { "- image: \($0)\n" }.joined()
                try lab.write("all:\n" + text, to: "in.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "lay/", "--format", "oci"])
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "lay.tar", "--format", "oci"])
                let copy = ["copy", "-q", "--src-tls-verify=false", "docker://\(registry)/lib/app-docker:1.0"]
                try await lab.succeed("skopeo", copy + ["docker-archive:\(lab.folder)/docker.tar:r.io/app:1.0"])
                try await body(lab, registry)
            }
        }
    }

    @Test("valid ones pass, have what the documents name, and what a repository must hold")
    func good() async throws {
        try await withPackages { lab, registry in
            for (package, format) in [("lay", "oci"), ("lay.tar", "oci-archive")] {
                let found = try await verify(lab, package, "-f", "in.yml")
                #expect(found.ok && found.notes.isEmpty && found.format == format, "\(found)")
                #expect(found.layers > 3 && found.images == 5)
                let lacking = try await verify(lab, package, "--against", registry + "/there")
                #expect(!lacking.ok && lacking.faults.allSatisfy { $0.kind == "missing" })
            }
            try await lab.succeed(
                Lab.program,
                ["unpkg", "-f", "in.yml", "-i", "lay", "-r", registry + "/there"]
            )
            #expect(try await verify(lab, "lay", "--against", registry + "/there").ok)
            try lab.write("image: r.io/app:1.0\n", to: "docker.yml")
            let docker = try await verify(lab, "docker.tar", "-f", "docker.yml")
            #expect(docker.ok && docker.format == "docker-archive" && docker.images == 1 && docker.layers > 0)
            try lab.write("image: r.io/other:1.0\n", to: "other.yml")
            #expect(try await verify(lab, "docker.tar", "-f", "other.yml").faults.map(\.kind) == ["document"])
        }
    }

    @Test("every error of a layout is reported, not just the first", arguments: ["folder", "archive", "cut archive"])
    func faults(form: String) async throws {
        try await withPackages { lab, _ in
            // Of one image a layer is altered, of another one it is gone, a config is longer, a file is too many.
            try lab.write(
                """
                import json, os, shutil, subprocess, sys
                shutil.copytree('lay', 'bad')
                blob = lambda d: 'bad/blobs/' + d.replace(':', '/')
                images = [json.load(open(blob(m['digest']))) for m in json.load(open('bad/index.json'))['manifests']]
                images = [i for i in images if 'layers' in i and len(i['layers']) > 1]
                altered, gone = images[0]['layers'][0]['digest'], images[1]['layers'][1]['digest']
                assert altered != gone
                with open(blob(altered), 'r+b') as f: f.seek(5); f.write(b'xyz')
                os.remove(blob(gone))
                longer = images[1]['config']['digest']
                open(blob(longer), 'ab').write(b' ')
                open('bad/blobs/sha256/' + 'a' * 64, 'w').write('x')
                if 'archive' in sys.argv[1]:
                    subprocess.run(['tar', 'cf', 'bad.tar', '-C', 'bad', 'oci-layout', 'index.json', 'blobs'], check=True)
                    shutil.rmtree('bad'); os.rename('bad.tar', 'bad')
                    if 'cut' in sys.argv[1]: os.truncate('bad', os.path.getsize('bad') // 512 * 512 - 10240)
                print(altered.replace(':', '/'), gone.replace(':', '/'), longer.replace(':', '/'))
                """,
                to: "spoil.py"
            )
            let outcome = try await lab.run("python3", ["spoil.py", form])
            try #require(outcome.status == 0, "\(outcome.log)")
            let names = outcome.output.split(whereSeparator: \.isWhitespace).map { "blobs/" + $0 }
            let found = try await verify(lab, "bad")
            let told = Set(found.faults.map { "\($0.kind) \($0.subject)" })
            if form == "cut archive" {
                #expect(told.contains { $0.hasPrefix("structure ") }, "\(told)")
            } else {
                let (altered, gone, longer) = (names[0], names[1], names[2])
                #expect(told == ["altered \(altered)", "missing \(gone)", "size \(longer)", "altered \(longer)"])
                #expect(found.notes.map(\.subject) == ["blobs/sha256/" + String(repeating: "a", count: 64)])
            }
        }
    }

    @Test("every error of a docker-archive is reported")
    func dockerFaults() async throws {
        try await withPackages { lab, _ in
            try lab.write(
                """
                import io, json, tarfile
                source = tarfile.open('docker.tar')
                entries = {m.name: source.extractfile(m).read() for m in source.getmembers() if m.isfile()}
                item = json.loads(entries['manifest.json'])[0]
                flip = lambda b: bytes([b[0] ^ 1]) + b[1:]
                first, last = item['Layers'][0], item['Layers'][-1]
                assert first != last
                entries[first] = flip(entries[first])
                del entries[last]
                entries[item['Config']] = entries[item['Config']] + b' '
                with tarfile.open('bad.tar', 'w') as t:
                    for name, data in entries.items():
                        info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
                print(first, last, item['Config'])
                """,
                to: "spoil.py"
            )
            let outcome = try await lab.run("python3", ["spoil.py"])
            try #require(outcome.status == 0, "\(outcome.log)")
            let names = outcome.output.split(whereSeparator: \.isWhitespace)
            let told = Set(try await verify(lab, "bad.tar").faults.map { "\($0.kind) \($0.subject)" })
            #expect(told == ["altered \(names[0])", "missing \(names[1])", "altered \(names[2])"])
        }
    }

    @Test("documents may name the whole of an index that the package has filtered")
    func filtered() async throws {
        try await withPackages { lab, registry in
            let index = try await lab.kbld("-f", "in.yml").output.split(separator: " ")
                .map { $0.trimmingPrefix("\n") }.first { $0.contains("/lib/multi@") }
            let reference = try #require(index?.split(separator: "\n").first)
            try lab.write("image: \(reference)\n", to: "multi.yml")
            let arguments = ["-f", "multi.yml", "-o", "slim.tar", "--platform", "linux/amd64"]
            try await lab.succeed(Lab.program, ["pkg"] + arguments)
            #expect(try await verify(lab, "slim.tar", "-f", "multi.yml").ok)
            #expect(try await verify(lab, "slim.tar", "-f", "in.yml").faults.allSatisfy { $0.kind == "document" })
        }
    }
}
