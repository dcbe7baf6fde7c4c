import FoundationEssentials
import LoopbackServer
import RegistryServer
import Testing

@Suite("Passwords of the embedded registry")
struct PasswordTests {
    /// `s3cret`, at the lowest cost.
    private static let hash = "$2y$04$ct.Ftk.9Ik0yOgbYi5wHEOEshIvsLNftDwevSxMPyinl3MNRqAdIm"

    private func file(_ text: String) throws -> PasswordFile {
        let path = FileManager.default.temporaryDirectory.appending(path: "users-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(filePath: path))
        return try PasswordFile(path: path)
    }

    private func login(_ text: String) -> [String: String] {
        ["Authorization": "Basic " + Data(text.utf8).base64EncodedString()]
    }

    @Test("a file may come from any editor", arguments: ["\n", "\r\n"], ["", "\u{FEFF}"])
    func lineEnds(end: String, mark: String) async throws {
        let text = mark + ["alice:HASH", "", "# people", "bob:HASH", ""].joined(separator: end)
        let passwords = try file(text.replacing("HASH", with: Self.hash))
        try await LoopbackServer.serving(MemoryStorage(), passwords: passwords) { server in
            for (user, status) in [("alice:s3cret", 200), ("bob:s3cret", 200), ("bob:other", 401), ("eve:s3cret", 401)]
            {
                let answer = try await server.request("GET", "/v2/", login(user))
                #expect(answer.status == status, "\(user)")
            }
        }
    }

    @Test("wrong logins don't pile up: clients that come when many are checked must retry")
    func manyLogins() async throws {
        let slow = "$2y$10$" + Self.hash.dropFirst(7)
        let passwords = try file("alice:\(slow)\nbob:\(Self.hash)\n")
        try await LoopbackServer.serving(MemoryStorage(), passwords: passwords) { server in
            #expect(try await server.request("GET", "/v2/", login("bob:s3cret")).status == 200)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<60 {
                    group.addTask { try await server.request("GET", "/v2/", login("alice:\(number)")).status }
                }
                // Who is known doesn't wait for them.
                #expect(try await server.request("GET", "/v2/", login("bob:s3cret")).status == 200)
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(statuses == [401, 429])
        }
    }
}
