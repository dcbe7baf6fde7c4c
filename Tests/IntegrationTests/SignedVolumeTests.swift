import FoundationEssentials
import Testing

@Suite("Packages in volumes and parts, signed as they are written", .needs(.openssl, .python3))
struct SignedVolumeTests {
    private static let pkg = "pkg -f signed.yml -o v.tar --volumes 16KB --sign-key rel.key --package-name shop"

    private static func volumes(_ lab: Lab, of package: String = "v") throws -> [String] {
        try lab.files().filter { $0.hasPrefix(package + "-") && $0.hasSuffix(".tar") }.sorted()
    }

    @Test("pkg signs each volume: they are taken alone, some at once, and all in any order")
    func way() async throws {
        try await SignedPackageTests.open { lab, host, run in
            try await run(Self.pkg + " --sequence 5", 0, ["signing ", " volumes: sequence 5"])
            let volumes = try Self.volumes(lab)
            try #require(volumes.count > 2)
            for volume in volumes {
                #expect(try lab.read(volume).count <= 16_000)
                try await run(
                    "verify \(volume) --package-key rel.pub",
                    0,
                    ["package 'shop' signed by rel.pub, sequence 5"]
                )
                try await run("verify \(volume) --package-key team.pub", 1, [])
            }
            let flags = "-f signed.yml --package-key rel.pub --state st.json"
            try await run("unpkg -i \(volumes[1]) -r \(host)/new-a \(flags) --dry-run", 0, ["after that, 1 of "])
            for volume in volumes.dropLast() {
                try await run("unpkg -i \(volume) -r \(host)/new-a \(flags)", 0, ["no image has its name yet"])
                // From a pipe it is the same.
                try await run("unpkg -i - -r \(host)/new-b \(flags) < \(volume)", 0, ["no image has its name yet"])
            }
            #expect(try !lab.files().contains("st.json"))
            let last = volumes[volumes.count - 1]
            try await run("unpkg -i \(last) -r \(host)/new-a \(flags)", 0, ["imported 3 images"])
            try await run("unpkg -i - -r \(host)/new-b \(flags) < \(last)", 0, ["imported 3 images"])
            let some = volumes.dropFirst().reversed().map { "-i \($0)" }.joined(separator: " ")
            try await run("unpkg \(some) -r \(host)/new-c \(flags)", 0, ["no image has its name yet"])
            try await run("unpkg \(some) -i \(volumes[0]) -r \(host)/new-c \(flags)", 0, ["imported 3 images"])
            #expect(try lab.text("st.json").contains(#""sequence" : 5"#))
            // Together they are the package that has no volumes, which its own signature fits.
            try await run("package merge \(volumes.joined(separator: " ")) -o merged.tar", 0, [])
            try await run("pkg -f signed.yml -o whole.tar", 0, [])
            #expect(try lab.read("merged.tar") == lab.read("whole.tar"))
            try await run("package sign whole.tar --key rel.key --detached", 0, [])
            try lab.write(try lab.text("whole.tar.sigstore.json"), to: "merged.tar.sigstore.json")
            try await run("verify merged.tar --package-key rel.pub", 0, ["package signed by rel.pub"])
            // One more signature of each.
            for volume in volumes { try await run("package sign \(volume) --key team.key", 0, ["2 signatures"]) }
            let both = "--package-key rel.pub --package-key team.pub --threshold 2"
            let all = volumes.map { "-i \($0)" }.joined(separator: " ")
            try await run("unpkg \(all) -r \(host)/new-d -f signed.yml \(both)", 0, ["signed by rel.pub, team.pub"])
        }
    }

    @Test("A volume that was altered, or is another's, is refused before anything is sent")
    func refused() async throws {
        try await SignedPackageTests.open { lab, host, run in
            try await run(Self.pkg, 0, [])
            let volumes = try Self.volumes(lab)
            let all = volumes.map { "-i \($0)" }.joined(separator: " ")
            let unpkg = "unpkg -f signed.yml \(all) -r \(host)/r --package-key rel.pub"
            let before = try lab.read(volumes[1])
            // The notes say which volume it is, and where the layers are.
            let swap = """
                import sys
                data = open(sys.argv[1], "rb").read()
                assert data.count(sys.argv[2].encode()) == 1
                open(sys.argv[1], "wb").write(data.replace(sys.argv[2].encode(), sys.argv[3].encode()))
                """
            try await lab.succeed("python3", ["-c", swap, volumes[1], #""number":2"#, #""number":1"#])
            try await run(unpkg, 1, ["'\(volumes[1])'", "signed are the notes sha256:"])
            try Data(before).write(to: URL(filePath: "\(lab.folder)/\(volumes[1])"))
            // By another key, and of the same images at another size.
            try await run(Self.pkg.replacing("v.tar", with: "o.tar").replacing("rel.key", with: "team.key"), 0, [])
            let other = volumes[1].replacing("v-", with: "o-")
            try await run(unpkg.replacing(volumes[1], with: other), 1, ["'\(other)' is not trusted", "by other keys"])
            try await run(unpkg + " -i \(other)", 1, ["'\(other)' is not trusted", "by other keys"])
            try await run("pkg -f child.yml -o c.tar --volumes 16KB --sign-key rel.key --package-name shop", 0, [])
            let child = try #require(try lab.files().first { $0.hasPrefix("c-") })
            try await run(unpkg + " -i \(child)", 1, ["it is not a volume of the same package"])
            try await run(unpkg, 0, ["imported 3 images"])
        }
    }

    @Test("What an earlier run signed stays as it is, and what is written anew follows its sequence")
    func resumed() async throws {
        try await SignedPackageTests.open { lab, _, run in
            try await run(Self.pkg, 0, [])
            let volumes = try Self.volumes(lab)
            let before = try volumes.map { try lab.read($0) }
            try await lab.succeed("rm", [volumes[1]])
            // ECDSA never signs twice in the same way.
            try await run(Self.pkg, 0, ["\(volumes.count - 1) as an earlier run did: sequence "])
            let after = try volumes.map { try lab.read($0) }
            #expect(after[0] == before[0] && after[2...] == before[2...] && after[1].count == before[1].count)
            let sequences = try await lab.run(
                "sh",
                [
                    "-c",
                    "for v in v-*.tar; do \(Lab.program) verify $v --package-key rel.pub 2>&1 | grep -o 'sequence.*'; done",
                ]
            )
            #expect(Set(sequences.output.split(separator: "\n")).count == 1, "\(sequences.output)")
            // A sequence that is given, another key and a command sign all anew; no layer is fetched for that.
            let command = Self.pkg.replacing("v.tar --volumes 16KB", with: "w.tar --volumes 24KB")
                .replacing("--sign-key rel.key", with: "--sign-command 'openssl dgst -sha256 -sign rel.key'")
            try await run(command, 0, [])
            let others = [
                (Self.pkg + " --sequence 7", "rel"), (Self.pkg.replacing("rel.key", with: "team.key"), "team"),
            ]
            for (arguments, key) in others + [(command, "rel")] {
                try await run(arguments, 0, ["0 layers: 0 B downloaded"])
                let path = arguments == command ? "w" : "v"
                for volume in try Self.volumes(lab, of: path) {
                    try await run("verify \(volume) --package-key \(key).pub", 0, [])
                }
            }
        }
    }

    @Test("An interrupted run that signs goes on from what it had, in one file and in parts")
    func interrupted() async throws {
        try await SignedPackageTests.open { lab, host, run in
            let images = try await lab.push("big", to: host)
            try lab.write(images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
            let pkg = "pkg -f in.yml -o p.tar --split 1MiB --sign-key rel.key --output-volume-command"
            try await run(pkg + " 'test $KBLD_VOLUME != 4 || kill -9 $PPID'", 137, [])
            let first = try lab.read("p.tar.001")
            try await run(pkg + " 'test $KBLD_VOLUME -lt 6'", 1, ["are kept in p.tar.001 to p.tar.006; run it again"])
            try await run(pkg + " true", 0, ["keeping the signature of the interrupted run: sequence "])
            #expect(try lab.read("p.tar.001") == first)
            try await run("verify p.tar.volumes.json --package-key rel.pub", 0, ["package signed by rel.pub"])
            // Its index can't have a signature in it, but one beside it: of the package, or of its own bytes.
            let sign = "package sign p.tar.volumes.json --key team.key"
            try await run(sign, 1, ["it is in parts; sign a package before it is cut, or beside it"])
            try await run(sign + " --detached", 0, [])
            try await run("verify p.tar.volumes.json --package-key team.pub", 0, ["package signed by team.pub"])
            try await run("verify p.tar.volumes.json --package-key rel.pub", 0, ["package signed by rel.pub"])
            try await run(sign + " --whole-file", 0, ["signed the bytes of p.tar.volumes.json"])
            let bundle = """
                import base64, json
                b = json.load(open("p.tar.volumes.json.sigstore.json"))
                open("index.sig", "wb").write(base64.b64decode(b["messageSignature"]["signature"]))
                """
            try await lab.succeed("python3", ["-c", bundle])
            let check = ["dgst", "-sha256", "-verify", "team.pub", "-signature", "index.sig", "p.tar.volumes.json"]
            try await lab.succeed("openssl", check)
            // By another key nothing is taken over.
            try await run(pkg + " 'test $KBLD_VOLUME -lt 3'", 1, [])
            try await run(pkg.replacing("rel.key", with: "team.key") + " true", 0, ["signing the package"])
            try await run("verify p.tar.volumes.json --package-key team.pub", 0, ["package signed by team.pub"])
        }
    }

    @Test("A stream is judged by what has come of it, and refused while its sender still waits")
    func slowSender() async throws {
        try await SignedPackageTests.open { lab, host, run in
            try await run("pkg -f signed.yml -o plain.tar", 0, [])
            try await run("pkg -f signed.yml -o p.tar --sign-key rel.key", 0, [])
            // Sends what comes before the first layer and its header, and waits until the reader has gone.
            let script = """
                import subprocess, sys, tarfile
                path, alters, arguments = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
                data = bytearray(open(path, "rb").read())
                first = next(m for m in tarfile.open(path) if m.name.startswith("sha256-"))
                if alters: data[600] ^= 1
                run = subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
                run.stdin.write(data[:first.offset_data])
                run.stdin.flush()
                print(run.stderr.read().decode(), "status", run.wait())
                """
            let unpkg = [Lab.program, "unpkg", "-i", "-", "-r", "\(host)/slow", "--package-key"]
            let cases = [
                ("plain.tar", "0", "rel.pub", "it is not signed: it has no 'kbld-signature.json'\n"),
                ("p.tar", "0", "team.pub", "by other keys"), ("p.tar", "1", "rel.pub", "manifest.json"),
            ]
            for (package, alters, key, words) in cases {
                let outcome = try await lab.run("python3", ["-c", script, package, alters] + unpkg + [key])
                #expect(outcome.output.contains(words) && outcome.output.contains("status 1"), "\(outcome.output)")
            }
            #expect(try await lab.tags("\(host)/slow") == [])
        }
    }
}
