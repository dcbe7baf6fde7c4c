import Testing

@Suite("Connections", .serialized, .needs(.curl, .dockerRegistry, .openssl, .skopeo))
struct ConnectionTests {
    @Test("a registry that offers HTTP/2 is spoken to over HTTP/1.1, and connections are used again")
    func sharing() async throws {
        try await Lab.open { lab in
            // At an address of this machine where nobody is logged in, requests don't wait long for the first answer.
            try lab.write(#"{"auths":{"r.example":{"auth":"YTpi"}}}"#, to: "home/.docker/config.json")
            // docker-registry offers HTTP/2 over TLS.
            try await lab.registry(.tls) { backend in
                let count = [lab.script("counting_connections.py")]
                let backendPort = try #require(backend.split(separator: ":").last.map(String.init))
                try await lab.serve("python3", count + [backendPort, lab.folder + "/connections"]) { port in
                    let host = "127.0.0.1:\(port)"
                    let offered = try await lab.run(
                        "curl",
                        ["-s", "--cacert", "ca.pem", "-o", "answer", "-w", "%{http_version}", "https://\(host)/v2/"]
                    )
                    try #require(offered.output == "2")
                    try await lab.registry { plain in
                        let images = try await lab.push("many", to: plain, ["--scale", "30"])
                        try lab.write(
                            "all:\n" + images.values.sorted().map { "- image: \($0)\n" }.joined(),
                            to: "in.yml"
                        )
                        let moved = try await connections(lab, "relocate", "-f", "in.yml", "-r", host + "/app")
                        try lab.write(moved.output, to: "moved.yml")
                        #expect((1...70).contains(moved.count), "\(moved.count)")
                    }
                    let tags = try await lab.tags(backend + "/app").map { "- image: \(host)/app:\($0)\n" }
                    #expect(tags.count == 30)
                    try lab.write("all:\n" + tags.joined(), to: "tags.yml")
                    let resolved = try await connections(lab, "-f", "tags.yml")
                    #expect((1...30).contains(resolved.count), "\(resolved.count)")
                    let packed = try await connections(lab, "pkg", "-f", "moved.yml", "-o", "p.tar")
                    #expect((1...70).contains(packed.count), "\(packed.count)")
                    #expect(try await lab.kbld("verify", "p.tar", "-f", "moved.yml").status == 0)
                }
            }
        }
    }

    /// Runs a command; gives its output and how many connections it made.
    private func connections(_ lab: Lab, _ arguments: String...) async throws -> (output: String, count: Int) {
        try lab.write("", to: "connections")
        let outcome = try await lab.run(Lab.program, arguments + ["--registry-ca-cert-path", "ca.pem"])
        #expect(outcome.status == 0, "\(outcome.log)")
        let lines = String(decoding: try lab.read("connections"), as: UTF8.self).split(separator: "\n")
        return (outcome.output, lines.count)
    }
}
