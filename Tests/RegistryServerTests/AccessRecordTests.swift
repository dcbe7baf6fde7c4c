import FoundationEssentials
import LoopbackServer
import RegistryServer
import Synchronization
import Testing

@Suite("What an access log gets")
struct AccessRecordTests {
    /// `s3cret`, at the lowest cost.
    private static let hash = "$2y$04$ct.Ftk.9Ik0yOgbYi5wHEOEshIvsLNftDwevSxMPyinl3MNRqAdIm"

    private final class Records: Sendable {
        let all = Mutex<[AccessRecord]>([])
    }

    /// The records of what `body` asked for.
    private func records(
        _ passwords: PasswordFile? = nil,
        _ body: @escaping @Sendable (LoopbackServer) async throws -> Void
    ) async throws -> [AccessRecord] {
        let records = Records()
        try await LoopbackServer.serving(
            MemoryStorage(),
            passwords: passwords,
            access: { record in records.all.withLock { $0.append(record) } },
            body
        )
        return records.all.withLock { $0 }
    }

    @Test("each request is one record: method, path, status, bytes and client")
    func requests() async throws {
        let records = try await records { server in
            _ = try await server.request("GET", "/v2/", ["User-Agent": "a \"client\""])
            _ = try await server.request("HEAD", "/v2/none/manifests/1", [:])
            _ = try await server.request("GET", "/v2/none/tags/list?n=2&last=b", [:])
        }
        // An answer may arrive before its record does.
        let lines = records.map { "\($0.method) \($0.target) \($0.status)" }.sorted()
        #expect(
            lines == ["GET /v2/ 200", "GET /v2/none/tags/list?n=2&last=b 404", "HEAD /v2/none/manifests/1 404"]
        )
        let base = try #require(records.first { $0.target == "/v2/" })
        #expect(base.bytes == 2 && base.userAgent == "a \"client\"")
        #expect(records.allSatisfy { $0.client == "127.0.0.1" && ($0.method == "HEAD") == ($0.bytes == 0) })
        #expect(records.allSatisfy { $0.user == nil && $0.duration > .zero })
    }

    @Test("no password, token or unknown part of a query is in it; who isn't let in has no name")
    func secrets() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "users-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("alice:\(Self.hash)\n".utf8).write(to: URL(filePath: path))
        let records = try await records(try PasswordFile(path: path)) { server in
            func login(_ text: String) -> [String: String] {
                ["Authorization": "Basic " + Data(text.utf8).base64EncodedString()]
            }
            _ = try await server.request("GET", "/v2/?token=s3cret&access_token=s3cret", login("alice:s3cret"))
            _ = try await server.request("GET", "/v2/", login("s3cret:s3cret"))
            _ = try await server.request("GET", "/v2/", ["Authorization": "Bearer s3cret"])
            _ = try await server.request("GET", "http://alice:s3cret@127.0.0.1/v2/", [:])
        }
        #expect(records.compactMap(\.user) == ["alice"] && records.first { $0.user != nil }?.status == 200)
        #expect(records.count { $0.status == 401 } == 3)
        for record in records { #expect(!"\(record)".contains("s3cret"), "\(record)") }
    }

    @Test("what clients say is cut off before it fills a log")
    func long() async throws {
        let long = String(repeating: "a", count: 3000)
        let records = try await records { server in
            _ = try await server.request("GET", "/v2/\(long)/tags/list", ["User-Agent": long])
        }
        #expect(records.first?.target.utf8.count == 400 && records.first?.userAgent?.utf8.count == 200)
    }
}
