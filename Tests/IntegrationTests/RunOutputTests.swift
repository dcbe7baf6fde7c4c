import FoundationEssentials
import Subprocess
import Testing

@Suite("What a run says of itself", .serialized, .needs(.dockerRegistry, .htpasswd))
struct RunOutputTests {
    private struct Event: Decodable {
        var level: String
        var event: String
        var command: String?
        var message: String?
        var images: Int?
        var layers: Int?
        var bytes_moved: Int64?
        var bytes_present: Int64?
        var milliseconds: Int64?
        var file_bytes: Int64?
        var method: String?
        var url: String?
        var status: Int?
        var sent_bytes: Int64?
    }

    private func events(_ log: String) throws -> [Event] {
        try log.split(separator: "\n").map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    private func last(_ outcome: Lab.Outcome) -> String {
        #expect(outcome.status == 0, "\(outcome.log)")
        return outcome.log.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test("the last line has images, layers, what moved and what was there, time and file")
    func summary() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                try lab.write("image: \(try #require(images["oci"]))\n", to: "one.yml")
                try lab.write(
                    "a:\n- image: \(try #require(images["oci"]))\n- image: \(try #require(images["shared"]))\n",
                    to: "in.yml"
                )
                let packaged = last(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar"))
                let written =
                    #/package \| wrote p\.tar, [\d.]+ KiB: 2 images, 3 layers: [\d.]+ K?i?B downloaded; took [\d.]+ m?s/#
                #expect(packaged.wholeMatch(of: written) != nil, "\(packaged)")
                let one = last(try await lab.kbld("pkg", "-f", "one.yml", "-o", "one.tar"))
                #expect(one.contains(": 1 image, 2 layers: "), "\(one)")

                let target = host + "/moved/app"
                let installed = last(try await lab.kbld("unpkg", "-f", "one.yml", "one.tar", "-r", target))
                #expect(installed.hasPrefix("unpackage | 1 image, 2 layers: ") && installed.contains(" uploaded"))
                let again = last(try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", target))
                #expect(
                    again.hasPrefix("unpackage | 2 images, 3 layers: ") && again.contains(" were there already; took ")
                )
                let relocated = try await lab.kbld(
                    "relocate",
                    "-f",
                    "in.yml",
                    "-r",
                    target,
                    "--log-format",
                    "json"
                )
                #expect(relocated.status == 0, "\(relocated.log)")
                let event = try #require(try events(relocated.log).last)
                #expect(event.event == "summary" && event.command == "relocate" && event.images == 2)
                #expect(event.layers == 3 && event.bytes_moved == 0 && event.bytes_present ?? 0 > 0)
                #expect(
                    event.milliseconds != nil && event.message?.hasPrefix("2 images, 3 layers: 0 B copied, ") == true
                )
                let merged = last(try await lab.kbld("package", "merge", "-i", "one.tar", "p.tar", "-o", "all.tar"))
                #expect(merged.hasPrefix("merge | wrote all.tar, "), "\(merged)")
            }
        }
    }

    @Test("a server that is stopped says what it has served", arguments: [[], ["--log-format", "json"]])
    func served(form: [String]) async throws {
        try await Lab.open { lab in
            let arguments = ["serve-registry", "--listen", "127.0.0.1:0", "--ready-file", lab.folder + "/ready"]
            let ended = try await lab.interrupted(arguments + form, by: .interrupt) {
                FileManager.default.fileExists(atPath: lab.folder + "/ready")
            }
            #expect(ended.outcome.status == 130)
            let last = try #require(ended.outcome.log.split(separator: "\n").last)
            if form.isEmpty {
                #expect(last.contains(#/^serve-registry \| stopped after .*: served 0 requests, 0 B sent$/#), "\(last)")
            } else {
                #expect(last.contains(#""bytes_sent":0"#) && last.contains(#""event":"summary""#), "\(last)")
            }
        }
    }

    @Test("an interruption says what the registry keeps")
    func interruption() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let images = try await lab.push("basic", to: backend)
                try lab.write("image: \(try #require(images["oci"]))\n", to: "in.yml")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
                let stall = Fault("stall", "PUT", "/blobs/uploads/", times: -1, skip: 1)
                try await lab.faulty(backend, [stall]) { host in
                    let arguments = ["unpkg", "-f", "in.yml", "p.tar", "-r", host + "/new/x", "--concurrency", "1"]
                    let ended = try await lab.interrupted(arguments, by: .interrupt) {
                        try lab.requests().contains { $0.contains(" stall ") }
                    }
                    #expect(ended.outcome.status == 130)
                    let kept = #/kbld: interrupted; 1 of \d blobs have arrived and are kept; run it again to continue/#
                    #expect(ended.outcome.log.contains(kept), "\(ended.outcome.log)")
                }
            }
        }
    }

    @Test("--debug has a line for each request, without logins, and with numbers where the log is JSON")
    func debug() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                _ = try await lab.push("basic", to: host)
                try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
                let plain = try await lab.kbld("-f", "in.yml")
                #expect(plain.status == 0 && !plain.log.contains("debug"), "\(plain.log)")
                let outcome = try await lab.kbld("-f", "in.yml", "--debug")
                #expect(outcome.output == plain.output)
                let lines = outcome.log.split(separator: "\n").filter { $0.hasPrefix("debug | ") }
                let resolved =
                    #/debug \| HEAD http://127\.0\.0\.1:\d+/v2/lib/app-oci/manifests/1\.0: 200, 0 B received, \d+ ms/#
                #expect(lines.contains { $0.wholeMatch(of: resolved) != nil }, "\(outcome.log)")
                let json = try await lab.kbld("-f", "in.yml", "--debug", "--log-format", "json")
                let request = try #require(try events(json.log).last { $0.event == "request" })
                #expect(request.method == "HEAD" && request.status == 200 && request.sent_bytes == 0)
                #expect(request.url?.hasSuffix("/v2/lib/app-oci/manifests/1.0") == true && request.milliseconds != nil)
                try lab.write(outcome.output, to: "resolved.yml")
                try await lab.registry(.password) { host in
                    let variables = [
                        "KBLD_REGISTRY_HOSTNAME": host, "KBLD_REGISTRY_USERNAME": "alice",
                        "KBLD_REGISTRY_PASSWORD": "s3cret",
                    ]
                    let arguments = ["relocate", "-f", "resolved.yml", "-r", host + "/moved", "--debug"]
                    let moved = try await lab.run(Lab.program, arguments, environment: variables)
                    #expect(moved.status == 0, "\(moved.log)")
                    #expect(moved.log.contains(": 401, ") && moved.log.contains(": 201, "))
                    for secret in ["s3cret", "YWxpY2U6czNjcmV0", "uthorization", "Basic", "_state"] {
                        #expect(!moved.log.contains(secret), "\(moved.log)")
                    }
                }
            }
        }
    }

    @Test(
        "mistakes in the command line are JSON where the log is",
        arguments: [
            ["pkg", "--log-format", "json", "--ouput", "x"], ["--log-format=json", "pkg", "-f", "a.yml"],
            ["package", "create", "--log-format=json", "--concurrency", "x"],
            ["package", "--dry-run=perhaps", "--log-format=json"],
        ]
    )
    func mistakes(arguments: [String]) async throws {
        try await Lab.open { lab in
            let outcome = try await lab.run(Lab.program, arguments)
            let event = try #require(try events(outcome.log).first)
            #expect(outcome.status == 1 && event.level == "error" && event.event == "error")
            #expect(arguments.contains("--dry-run=perhaps") || event.command == "package", "\(outcome.log)")
        }
    }

    @Test("a package is named with --input or without, in every command")
    func packageForms() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                try lab.write("image: \(try #require(images["oci"]))\n", to: "in.yml")
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
                let forms = [
                    ["verify"], ["package", "inspect"], ["unpkg", "-f", "in.yml", "-r", host + "/x"],
                    ["package", "merge", "-o", "m.tar", "p.tar"], ["package", "diff", "p.tar"],
                ]
                for form in forms {
                    let bare = try await lab.run(Lab.program, form + ["p.tar"])
                    let flag = try await lab.run(Lab.program, form + ["-i", "p.tar"])
                    #expect(bare.status == 0 && flag.status == 0, "\(form) \(bare.log) \(flag.log)")
                    #expect(bare.output == flag.output, "\(form)")
                }
                for form in [["verify"], ["package", "inspect"], ["unpkg", "-f", "in.yml", "-r", host + "/x"]] {
                    let both = try await lab.run(Lab.program, form + ["-i", "p.tar", "other.tar"])
                    #expect(both.status == 1 && both.log.contains("only one package can be given"), "\(both.log)")
                }
            }
        }
    }
}
