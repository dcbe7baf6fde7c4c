import ContainerImage
import ImageStore
import RegistryClient
import Synchronization
import Testing

@Suite("Registries that take no more requests")
struct RefusalTests {
    /// Asks for blobs one after the other, and gives how many requests there were for them.
    private func requests(
        for count: Int,
        refusedWith headers: [String: String],
        answeringFrom first: Int = .max
    ) async throws -> (sent: Int, failed: Int, errors: [RegistryError]) {
        let seen = Mutex(0)
        return try await ScriptedRegistry.serving(bending: { request, _ in
            guard request.path.contains("/blobs/") else { return nil }
            let number = seen.withLock { seen in
                seen += 1
                return seen
            }
            return number < first ? Answer(429, headers) : Answer(200, [:], "x")
        }) { registry in
            var options = RegistryOptions()
            options.retries.attempts = 3
            options.retries.firstDelayMilliseconds = 2
            let client = try RegistryClient(options: options, credentials: .anonymous)
            let repository = client.repository(try Repository("\(registry.host)/a/b"))
            var errors: [RegistryError] = []
            for number in 0..<count {
                let blob = Descriptor(mediaType: MediaType("a/b"), digest: Digest(of: Array("\(number)".utf8)), size: 1)
                do {
                    _ = try await repository.content(of: blob, from: 0)
                } catch let error as RegistryError {
                    errors.append(error)
                }
            }
            await client.shutdown()
            return (seen.withLock(\.self), errors.count, errors)
        }
    }

    @Test("the first request is repeated, each other one is sent once")
    func withoutPause() async throws {
        let found = try await requests(for: 10, refusedWith: [:])
        #expect(found.failed == 10 && found.sent == 3 + 9)
    }

    @Test(
        "a pause that is too long is told at once, for each request by its own address",
        arguments: ["3600", "99999999999999999999"]
    )
    func longPause(value: String) async throws {
        let found = try await requests(for: 10, refusedWith: ["Retry-After": value])
        #expect(found.failed == 10 && found.sent == 1)
        #expect(Set(found.errors.map(\.request)).count == 10)
        #expect(found.errors.allSatisfy { $0.isOutage && $0.description.contains("the registry asks to wait") })
    }

    @Test("once it answers, all is as before")
    func recovery() async throws {
        let found = try await requests(for: 10, refusedWith: [:], answeringFrom: 6)
        // Three, one and one are refused.
        #expect(found.failed == 3 && found.sent == 5 + 7)
    }
}
