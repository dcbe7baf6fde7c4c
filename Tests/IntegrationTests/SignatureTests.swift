import FoundationEssentials
import Testing

@Suite("Signatures of images, and of packages", .needs(.curl, .openssl, .python3))
struct SignatureTests {
    /// A lab with a registry of signed images.
    private static func open(_ body: @Sendable (Lab, _ host: String) async throws -> Void) async throws {
        try await Lab.open { lab in
            let storage = ["serve", "--storage", lab.folder + "/store", "--listen", "127.0.0.1:0"]
            try await lab.serve(Lab.program, storage) { port in
                let host = "127.0.0.1:\(port)"
                try await lab.succeed("python3", [lab.script("sign_images.py"), host])
                try await body(lab, host)
            }
        }
    }

    private static func check(_ lab: Lab, _ arguments: [String], status: Int32, _ words: [String]) async throws {
        let outcome = try await lab.run(Lab.program, arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.log)")
        let said = outcome.log + outcome.output
        for text in words { #expect(said.contains(text), "\(arguments): \(text): \(said)") }
    }

    @Test("Nothing is written, sent or said to be good unless all images are signed")
    func gate() async throws {
        try await Self.open { lab, host in
            let (team, other) = (["--verify-key", "team.pub"], ["--verify-key", "other.pub"])
            func pkg(_ documents: String, _ output: String) -> [String] { ["pkg", "-f", documents, "-o", output] }
            func unpkg(_ input: String, to place: String) -> [String] {
                ["unpkg", "-f", "signed.yml", "-i", input, "-r", "\(host)/\(place)"]
            }
            try await Self.check(
                lab,
                pkg("signed.yml", "p.tar") + team + ["--signatures-report", "r.json"],
                status: 0,
                ["by team.pub (tag)", "by team.pub (bundle)"]
            )
            #expect(try lab.text("r.json").contains(#""accepted" : true"#))
            try await Self.check(
                lab,
                pkg("unsigned.yml", "no.tar") + team,
                status: 1,
                [
                    "1 of 2 images not signed as required; nothing was written:",
                    "looked for a signature by team.pub; found none",
                ]
            )
            try await Self.check(
                lab,
                pkg("signed.yml", "no.tar") + other,
                status: 1,
                ["3 of 3 images", "by other keys"]
            )
            try await Self.check(
                lab,
                pkg("signed.yml", "no.tar") + ["--verify-key", "team.key"],
                status: 1,
                ["private"]
            )
            #expect(try !lab.files().contains("no.tar"))
            // A filtered index is another one, which nobody signed; a sparse one is the same.
            let platform = ["--platform", "linux/amd64"]
            try await Self.check(lab, pkg("signed.yml", "no.tar") + team + platform, status: 1, ["--sparse"])
            try await Self.check(lab, pkg("signed.yml", "s.tar") + team + platform + ["--sparse"], status: 0, [])
            try await Self.check(lab, pkg("child.yml", "c.tar") + team, status: 0, ["of index sha256:"])

            try await Self.check(lab, unpkg("p.tar", to: "t1") + team, status: 0, ["signed: \(host)/a@sha256:"])
            try await Self.check(lab, unpkg("p.tar", to: "t2") + other, status: 1, ["nothing was sent"])
            try await Self.check(lab, ["verify", "p.tar"] + team, status: 0, ["0 errors"])
            try await Self.check(lab, ["verify", "p.tar"] + other, status: 1, ["by other keys"])
            try await Self.check(
                lab,
                ["relocate", "-f", "unsigned.yml", "-r", "\(host)/t3"] + team,
                status: 1,
                ["found none"]
            )
            try await Self.check(lab, ["serve", "-i", "p.tar"] + other, status: 1, ["nothing is served"])
            try await Self.check(lab, pkg("signed.yml", "plain.tar"), status: 0, [])
            try await Self.check(
                lab,
                unpkg("plain.tar", to: "t4") + team,
                status: 1,
                ["no signatures came along", "--cosign"]
            )
            let streamed = "cat p.tar | \(Lab.program) unpkg -f signed.yml -i - -r \(host)/t5 --verify-key"
            #expect(try await lab.run("sh", ["-c", streamed + " team.pub"]).status == 0)
            let refused = try await lab.run("sh", ["-c", streamed.replacing("t5", with: "t6") + " other.pub"])
            #expect(refused.status == 1 && refused.log.contains("by other keys"), "\(refused.log)")
            let catalog = try await lab.run("curl", ["-s", "\(host)/v2/_catalog"]).output
            #expect(
                catalog.contains("t1") && !["t2", "t3", "t4", "t6"].contains { catalog.contains($0) },
                "\(catalog)"
            )
        }
    }

    @Test("Policies, and certificates that were valid when their owners signed")
    func policies() async throws {
        try await Self.open { lab, host in
            let lines = try lab.text("identity").split(separator: "\n").map(String.init)
            let (identity, issuer) = (lines[0], lines[1])
            let trust = ["--verify-issuer", issuer, "--trusted-root", "trusted_root.json"]
            func pkg(_ documents: String, _ more: [String]) -> [String] {
                ["pkg", "-f", documents, "-o", "p.tar"] + more + trust
            }
            try await Self.check(
                lab,
                pkg("f.yml", ["--verify-identity", identity]),
                status: 0,
                ["by \(identity) (\(issuer)) (bundle)"]
            )
            let installed = ["unpkg", "-f", "f.yml", "-i", "p.tar", "-r", "\(host)/f1"] + trust
            try await Self.check(
                lab,
                installed + ["--verify-identity-regexp", "https://git[.].*"],
                status: 0,
                ["signed: "]
            )
            try await Self.check(
                lab,
                installed + ["--verify-identity", "x"],
                status: 1,
                ["looked for a signature by x (\(issuer)); found 1 signature, by a certificate for \(identity)"]
            )
            try await Self.check(lab, installed + ["--verify-identity-regexp", "git"], status: 1, ["by /git/"])
            try await Self.check(lab, pkg("g.yml", ["--verify-identity", identity]), status: 1, ["(SCT)"])
            try await Self.check(lab, pkg("f.yml", ["--verify-identity-regexp", "("]), status: 1, ["not a regular"])

            try lab.write(
                """
                apiVersion: kbld.k14s.io/v1alpha1
                kind: SignaturePolicy
                rules:
                - images: ["\(host)/a", "\(host)/f"]
                  keys: [team.pub]
                  identities:
                  - {identity: "\(identity)", issuer: "\(issuer)", trustedRoot: trusted_root.json}
                - images: ["\(host)/b"]
                  keys: [team.pub, other.pub]
                  require: all
                - images: ["**"]
                  require: none
                """,
                to: "own.yml"
            )
            let policy = ["--verify-policy", "own.yml"]
            try await Self.check(lab, ["pkg", "-f", "f.yml", "-o", "p.tar"] + policy, status: 0, ["signed: "])
            try await Self.check(
                lab,
                ["pkg", "-f", "signed.yml", "-o", "no.tar"] + policy,
                status: 1,
                ["1 of 3 images", "looked for a signature by other.pub; found only that by team.pub"]
            )
            try lab.write(
                """
                {"default": [{"type": "reject"}], "transports": {"docker": {"\(host)":
                  [{"type": "sigstoreSigned", "keyPath": "team.pub"}]}}}
                """,
                to: "policy.json"
            )
            let containers = ["pkg", "-f", "signed.yml", "-o", "p.tar", "--verify-policy", "policy.json"]
            try await Self.check(lab, containers, status: 0, ["signed: "])
        }
    }

    @Test("Packages are taken that a key signed, and none that is older; openssl says the same of their signatures")
    func packages() async throws {
        try await Self.open { lab, host in
            func run(_ arguments: String, status: Int32, _ words: String...) async throws {
                let list = arguments.split(separator: " ").map(String.init)
                try await Self.check(lab, list, status: status, words)
            }
            try await run("package keygen rel", status: 0, "wrote rel.key")
            try await run("package keygen rel", status: 1, "is there already")
            try await lab.succeed(
                "sh",
                ["-c", "openssl genpkey -algorithm ED25519 -aes-256-cbc -pass pass:s -out two.key"]
            )
            try await lab.succeed("sh", ["-c", "openssl pkey -in two.key -passin pass:s -pubout -out two.pub"])
            try lab.write("s\n", to: "two.pass")
            try await run("pkg -f signed.yml -o p.tar --sign-key rel.key --sequence 5", status: 0)
            try await run("verify p.tar --package-key rel.pub", status: 0, "package signed by rel.pub, sequence 5")
            try await run("verify p.tar --package-key two.pub", status: 1, "two.pub")
            try await run("package sign p.tar --key two.key", status: 1, "KBLD_KEY_PASSWORD")
            try await run("verify p.tar --package-key rel.pub --package-key two.pub --threshold 2", status: 1)
            try await run("package sign p.tar --key two.key --key-password-file two.pass", status: 0, "2 signatures")
            try await run("verify p.tar --package-key rel.pub --package-key two.pub --threshold 2", status: 0)

            // A key of cosign's, whose passphrase is empty.
            try await lab.succeed("cp", [lab.script("cosign.key"), "cosign.key"])
            try await run("package sign p.tar --key cosign.key", status: 1, "cosign.key", "--key-password-file")
            let signed = try await lab.run(
                Lab.program,
                ["package", "sign", "p.tar", "--key", "cosign.key"],
                environment: ["COSIGN_PASSWORD": ""]
            )
            #expect(signed.status == 0 && signed.log.contains("3 signatures"), "\(signed.log)")

            let unpkg = "unpkg -f signed.yml -r \(host)/s --package-key rel.pub --state st.json"
            try await run("\(unpkg) -i p.tar --receipt r.json --sign-key rel.key", status: 0, "signed by rel.pub")
            try await run("pkg -f signed.yml -o old.tar --sign-key rel.key --sequence 4", status: 0)
            try await run("\(unpkg) -i old.tar", status: 1, "it is older than what was installed")
            try await run("\(unpkg) -i old.tar --allow-older", status: 0)
            try await run("pkg -f signed.yml -o plain.tar", status: 0)
            try await run("unpkg -f signed.yml -r \(host)/s -i plain.tar --package-key rel.pub", status: 1)
            // What is said to be signed, as others see it.
            let script = """
                import base64, json, tarfile
                e = json.load(tarfile.open("p.tar").extractfile("kbld-signature.json"))
                p, t = base64.b64decode(e["payload"]), e["payloadType"]
                open("pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(t), t.encode(), len(p), p))
                open("sig", "wb").write(base64.b64decode(e["signatures"][0]["sig"]))
                b = json.load(open("r.json.sigstore.json"))
                open("receipt.sig", "wb").write(base64.b64decode(b["messageSignature"]["signature"]))
                """
            try await lab.succeed("python3", ["-c", script])
            try await lab.succeed("openssl", ["dgst", "-sha256", "-verify", "rel.pub", "-signature", "sig", "pae"])
            try await lab.succeed(
                "openssl",
                ["dgst", "-sha256", "-verify", "rel.pub", "-signature", "receipt.sig", "r.json"]
            )
        }
    }

    @Test("Layouts are signed as tarballs are, and others read them as before", .needs(.skopeo))
    func layouts() async throws {
        try await Self.open { lab, host in
            func run(_ arguments: String, status: Int32, _ words: String...) async throws {
                let list = arguments.split(separator: " ").map(String.init)
                try await Self.check(lab, list, status: status, words)
            }
            try await run("package keygen rel", status: 0)
            try await run("package keygen two", status: 0)
            try await run("pkg -f signed.yml -o p.tar --sign-key rel.key", status: 0)
            for (path, transport) in [("d/", "oci:d"), ("o.tar", "oci-archive:o.tar")] {
                try await run("pkg -f signed.yml -o \(path) --format oci --sign-key rel.key", status: 0, "signing")
                try await run("package sign \(path) --key two.key", status: 0, "2 signatures")
                let both = "--package-key rel.pub --package-key two.pub --threshold 2"
                try await run("verify \(path) \(both)", status: 0, "signed by rel.pub, two.pub")
                try await run("verify \(path) --package-key other.pub", status: 1, "2 signatures by other keys")
                try await run("unpkg -f signed.yml -i \(path) -r \(host)/l --package-key rel.pub", status: 0)
                let image = try #require(try lab.text("d/index.json").firstMatch(of: /kbld-sha256-[0-9a-f]{64}/)?.0)
                try await lab.succeed("skopeo", ["copy", "-q", "--all", "\(transport):\(image)", "dir:copied"])
                try await run("package sign \(path) --key rel.key --detached", status: 0)
            }
            // What else is there isn't what was signed.
            let unpkg = "unpkg -f signed.yml -r \(host)/m -i d --package-key rel.pub"
            try lab.write(try lab.text("d/index.json") + " ", to: "d/index.json")
            try await run(unpkg, status: 1, "signed is the index.json sha256:")
            try await run("pkg -f signed.yml -o d/ --format oci", status: 0)
            #expect(try !lab.files("d").contains("kbld-signature.json"))
            try await run(unpkg, status: 0, "package signed by rel.pub")
            // The signature beside it counts by itself.
            try await lab.succeed("rm", ["d.sigstore.json"])
            try await lab.succeed("sh", ["-c", "tar xOf p.tar kbld-signature.json > d/kbld-signature.json"])
            try await run(unpkg, status: 1, "signed is the manifest.json sha256:")
            let docker = "pkg -f signed.yml -o x.tar --format docker-archive --sign-key rel.key"
            try await run(docker, status: 1, "do not support --format docker-archive")
        }
    }
}
