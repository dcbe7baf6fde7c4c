import FoundationEssentials
import Testing

@Suite("Packages that are signed, in volumes and by commands; what was installed", .needs(.openssl, .python3))
struct SignedPackageTests {
    /// A lab with a registry of images, a key `rel` and what runs the program.
    static func open(
        _ body:
            @Sendable (Lab, _ host: String, _ run: @Sendable (String, Int32, [String]) async throws -> Void)
            async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            let storage = ["serve", "--storage", lab.folder + "/store", "--listen", "127.0.0.1:0"]
            try await lab.serve(Lab.program, storage) { port in
                let host = "127.0.0.1:\(port)"
                try await lab.succeed("python3", [lab.script("sign_images.py"), host])
                try await lab.succeed(Lab.program, ["package", "keygen", "rel"])
                try await body(lab, host) { arguments, status, words in
                    let outcome = try await lab.run("sh", ["-c", "\(Lab.program) \(arguments)"])
                    #expect(outcome.status == status, "\(arguments): \(outcome.log)")
                    for text in words { #expect(outcome.log.contains(text), "\(arguments): \(text): \(outcome.log)") }
                }
            }
        }
    }

    @Test("Each volume is signed by itself, and those that are given together must all be")
    func volumes() async throws {
        try await Self.open { lab, host, run in
            try await run("pkg -f signed.yml -o v.tar --volumes 24KB", 0, [])
            let volumes = try lab.files().filter { $0.hasPrefix("v-") }.sorted()
            try #require(volumes.count > 1)
            let inputs = volumes.map { "-i \($0)" }.joined(separator: " ")
            let unpkg = "unpkg -f signed.yml \(inputs) -r \(host)/v --package-key rel.pub --state st.json"
            for volume in volumes.dropLast() {
                try await run("package sign \(volume) --key rel.key --package-name shop --sequence 5", 0, [])
            }
            try await run(unpkg, 1, ["The package '\(volumes[volumes.count - 1])' is not trusted: it is not signed"])
            let sign = "package sign \(volumes[volumes.count - 1]) --key rel.key --sequence 5"
            try await run(sign + " --package-name other", 0, [])
            try await run(unpkg, 1, ["it is signed as 'other', and '\(volumes[0])' as 'shop'"])
            try await run(sign + " --package-name shop", 0, [])
            try await run(unpkg, 0, ["package 'shop' signed by rel.pub, sequence 5", "imported 3 images"])
            #expect(try lab.text("st.json").contains(#""sequence" : 5"#))
            // One by one, as they arrive.
            for volume in volumes {
                try await run("unpkg -i \(volume) -r \(host)/w --package-key rel.pub --state st.json", 0, [])
            }
        }
    }

    @Test("A command's signature is one by the key that is expected, or at least may be one")
    func commands() async throws {
        try await Self.open { lab, host, run in
            try await run("pkg -f signed.yml -o p.tar", 0, [])
            let before = try lab.read("p.tar")
            let sign = "package sign p.tar --sign-public-key rel.pub --sign-command"
            // Whoever ends without reading doesn't end this program.
            try await run(sign + " 'exit 3'", 1, ["Signing with 'exit …': it failed with exit status 3"])
            try await run(sign + " 'echo usage'", 1, ["it printed 'usage', which is not a signature"])
            try await run(sign + " true", 1, ["Signing with 'true': it gave no signature"])
            try await run(
                sign + " 'openssl dgst -sha256 -sign team.key'",
                1,
                ["is not a signature by 'rel.pub' (SHA256:"]
            )
            try await run(sign + " 'cat >/dev/null; openssl dgst -sha256 -sign rel.key p.tar'", 1, ["something else"])
            try await run(
                sign.replacing(" --sign-public-key rel.pub", with: "") + " 'cat; :'",
                1,
                ["it printed 'DSSEv1"]
            )
            #expect(try lab.read("p.tar") == before)
            try await run(sign + " 'openssl dgst -sha256 -sign rel.key'", 0, ["1 signature"])
            // The same key again is no other signature.
            try await run(sign + " 'openssl dgst -sha256 -sign rel.key | base64'", 0, ["1 signature"])
            try await run("verify p.tar --package-key rel.pub", 0, ["package signed by rel.pub"])
            let pkg = "pkg -f signed.yml -o q.tar --sign-command 'openssl dgst -sha256 -sign team.key'"
            try await run(pkg + " --sign-public-key rel.pub", 1, ["is not a signature by 'rel.pub'"])
            #expect(try !lab.files().contains("q.tar"))
            try await run(pkg, 0, [])
            try await run("verify q.tar --package-key team.pub", 0, [])
        }
    }

    @Test("Of two runs at once the older package waits, and is refused; none loses what another noted")
    func state() async throws {
        try await Self.open { lab, host, run in
            for (name, sequence) in [("old", 4), ("new", 5)] {
                try await run("pkg -f signed.yml -o \(name).tar --sign-key rel.key --sequence \(sequence)", 0, [])
            }
            let unpkg = "\(Lab.program) unpkg -f signed.yml -r \(host)/s --package-key rel.pub --state st.json"
            try await run("unpkg -f signed.yml -r \(host)/s --package-key rel.pub --state new.json -i new.tar", 0, [])
            // Another run has the lock, and notes the newer one while this one waits.
            let script = """
                import fcntl, os, subprocess, sys
                lock = open("st.json.lock", "w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                run = subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
                for line in run.stderr:
                    print(line, end="")
                    if "waiting" in line:
                        os.rename("new.json", "st.json")
                        lock.close()
                print("status", run.wait())
                """
            let older = unpkg.split(separator: " ").map(String.init) + ["-i", "old.tar"]
            let said = try await lab.run("python3", ["-c", script] + older).output
            #expect(
                said.contains("unpackage | waiting for another run that installs by the state 'st.json'"),
                "\(said)"
            )
            #expect(said.contains("it is older than what was installed: its sequence is 4, not 5"), "\(said)")
            #expect(said.contains("status 1"), "\(said)")

            let names = ["a", "b", "c", "d"]
            for name in names {
                try await run("pkg -f child.yml -o \(name).tar --sign-key rel.key --package-name \(name)", 0, [])
            }
            let several = names.map { "\(unpkg) -i \($0).tar >/dev/null &" }.joined(separator: " ")
            let together = try await lab.run(
                "sh",
                ["-c", several.replacing("signed.yml", with: "child.yml") + " wait"]
            )
            #expect(together.log.split(separator: "unpackage | imported ").count > names.count, "\(together.log)")
            let state = try lab.text("st.json")
            for name in names { #expect(state.contains("\"\(name)\""), "\(state)") }
        }
    }

    @Test("Of one sequence there is one package: with other tags or documents it is another")
    func sameSequence() async throws {
        try await Self.open { lab, host, run in
            let unpkg = "unpkg -r \(host)/t --package-key rel.pub --state st.json -i"
            let pkg = "pkg --sign-key rel.key --sequence 5 --package-name shop -o"
            try await run("\(pkg) one.tar -f signed.yml", 0, [])
            try await run("\(unpkg) one.tar", 0, [])
            // As an older version wrote it, it says less.
            let state = try lab.text("st.json")
            let old = state.split(separator: "\n").filter { !$0.contains("notes") && !$0.contains("documents") }
            #expect(old.count == state.split(separator: "\n").count - 2, "\(state)")
            let tagged = try lab.text("signed.yml").replacing("@sha256", with: ":v1@sha256")
            try lab.write(tagged, to: "tagged.yml")
            try await run("\(pkg) tags.tar -f tagged.yml --record-tags", 0, ["recording 3 tags"])
            try lab.write(try lab.text("signed.yml") + "---\nreplicas: 3\n", to: "more.yml")
            try await run("\(pkg) more.tar -f more.yml", 0, [])
            let refusal = "another package of the same sequence, 5, was installed: its"
            try await run("\(unpkg) tags.tar", 1, ["\(refusal) tags, or what else it says of the images, are others"])
            try await run("\(unpkg) more.tar", 1, ["\(refusal) documents are others"])
            try await run("\(unpkg) more.tar --allow-older", 0, [])
            try lab.write(state, to: "st.json")
            // The same one is no other, be it in volumes, a delta, or signed once more.
            try await run("\(unpkg) one.tar", 0, [])
            try await run("\(pkg) v.tar -f signed.yml --volumes 24KB", 0, [])
            let volumes = try lab.files().filter { $0.hasPrefix("v-") }.map { "-i \($0)" }.joined(separator: " ")
            try await run(unpkg.replacing(" -i", with: " \(volumes)"), 0, [])
            try await run("\(pkg) d.tar -f signed.yml --base one.tar", 0, [])
            try await run("\(unpkg) d.tar", 0, [])
            try await run("pkg -f signed.yml -o s.tar", 0, [])
            try await run("package sign s.tar --key rel.key --sequence 5 --package-name shop --detached", 0, [])
            try await run("\(unpkg) s.tar", 0, [])
            #expect(try lab.text("st.json") == state)
            try lab.write(old.joined(separator: "\n"), to: "st.json")
            try await run("\(unpkg) tags.tar", 0, [])
            try await run("\(unpkg) one.tar", 1, [refusal])
        }
    }
}
