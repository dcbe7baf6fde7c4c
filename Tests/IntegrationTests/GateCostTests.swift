import Testing

@Suite("What the gate costs", .needs(.openssl, .python3))
struct GateCostTests {
    @Test("A destination gets the same requests with the gate and without, and no layer is read more often")
    func counts() async throws {
        try await Lab.open { lab in
            let serve = "exec \(Lab.program) serve --storage store --listen 127.0.0.1:0 2> \(lab.folder)/requests.log"
            try await lab.serve("sh", ["-c", "cd \(lab.folder) && \(serve)"]) { port in
                let (host, count) = ("127.0.0.1:\(port)", 40)
                try await lab.succeed("python3", [lab.script("sign_images.py"), host, "\(count)"])
                let gate = ["--verify-key", "team.pub"]
                try await lab.succeed(Lab.program, ["pkg", "-f", "many.yml", "-o", "p.tar"] + gate)
                func install(in place: String, _ flags: [String]) async throws -> (requests: [String], read: Int) {
                    let unpkg = ["unpkg", "-f", "many.yml", "-i", "p.tar", "-r", "\(host)/\(place)"]
                    let all = [lab.script("bytes_read.py"), Lab.program] + unpkg + flags
                    let outcome = try await lab.run("python3", all)
                    try #require(outcome.status == 0, "\(outcome.log)")
                    let read = try #require(Int(outcome.output.dropLast()))
                    let requests = try lab.text("requests.log").split(separator: "\n")
                        .compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) }
                        .filter { $0.contains(" /v2/\(place)/") }
                        .map {
                            $0.replacing("/\(place)/", with: "/").replacing(/uploads\/[0-9A-Za-z-]+/, with: "uploads/")
                        }
                    return (requests.sorted(), read)
                }
                let (plain, gated) = (try await install(in: "plain", []), try await install(in: "gated", gate))
                #expect(plain.requests.count > count * 4)
                #expect(gated.requests == plain.requests)
                // What the gate reads is signatures, of some 500 bytes each, and a key.
                #expect(gated.read - plain.read < count * 4096, "\(gated.read) of \(plain.read)")
                // Each layer is read to verify it, and to send it.
                #expect(plain.read < 3 * count * 2 * 65536, "\(plain.read)")
                let (again, gatedAgain) = (try await install(in: "plain", []), try await install(in: "gated", gate))
                #expect(gatedAgain.requests == again.requests)
                #expect(gatedAgain.read - again.read < count * 4096, "\(gatedAgain.read) of \(again.read)")
            }
        }
    }
}
