import ContainerImage
import ImageStore
import LoopbackServer
import RegistryClient
import Testing

@Suite("Answers that aren't of HTTP")
struct OddAnswerTests {
    private static let digest = "sha256:" + String(repeating: "0f", count: 32)
    private static let good =
        "HTTP/1.1 200 OK\r\nContent-Type: \(MediaType.ociManifest)\r\nDocker-Content-Digest: \(digest)\r\n"
        + "Content-Length: 2\r\n\r\n"
    private static let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"

    private func resolve(_ answer: String) async throws -> Descriptor {
        let server = try await AnsweringServer()
        server.answer(with: Array(answer.utf8))
        var options = RegistryOptions()
        options.retries.attempts = 2
        options.retries.firstDelayMilliseconds = 2
        let client = try RegistryClient(options: options, credentials: .anonymous)
        let result: Result<Descriptor, any Error>
        do {
            result = .success(try await client.repository(try Repository("\(server.host)/a/b")).resolve(Tag("1")))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await server.stop()
        return try result.get()
    }

    @Test("an invalid status is reported", arguments: ["000", "001", "099"])
    func status(_ status: String) async throws {
        let error = await #expect(throws: RegistryError.self) {
            try await resolve("HTTP/1.1 \(status) Odd\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(error?.description.contains("is not valid HTTP") == true)
    }

    @Test("interim answers are passed over, but not without end")
    func interim() async throws {
        let found = try await resolve(String(repeating: Self.interim, count: 100) + Self.good)
        #expect(found.digest.description == Self.digest)
        let error = await #expect(throws: RegistryError.self) {
            try await resolve(String(repeating: Self.interim, count: 1000) + Self.good)
        }
        #expect(error?.description.contains("is not valid HTTP") == true)
    }
}
