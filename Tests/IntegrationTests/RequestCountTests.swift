import Testing

@Suite("How many requests a registry sees", .needs())
struct RequestCountTests {
    @Test(
        "200 tags take 200 requests, over no more than 64 connections at once",
        arguments: [[], ["--registry-insecure"]]
    )
    func tags(flags: [String]) async throws {
        try await Lab.open { lab in
            let script = [lab.script("counting_registry.py"), lab.folder + "/requests.log"]
            try await lab.serve("python3", script) { port in
                let references = (0..<200).map { "127.0.0.1:\(port)/team\($0 % 7)/app:v\($0)" }
                // Each twice: a reference is looked up once.
                let documents = (references + references).map { "image: \($0)\n" }.joined(separator: "---\n")
                try lab.write(documents, to: "in.yml")
                let outcome = try await lab.run(Lab.program, ["-f", "in.yml"] + flags)
                #expect(outcome.status == 0, "\(outcome.log)")
                let log = String(decoding: try lab.read("requests.log"), as: UTF8.self)
                let lines = log.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                #expect(lines.count == 200)
                #expect(Set(lines.map { $0[3] }).count == 200)
                #expect(lines.allSatisfy { $0[2] == "HEAD" })
                let connections = Set(lines.map { $0[1] }).count
                #expect(connections <= 64, "\(connections) connections in all")
                let open = lines.compactMap { Int($0[0]) }.max() ?? 0
                #expect(open > 1 && open <= 64, "\(open) connections were open at once")
            }
        }
    }
}
