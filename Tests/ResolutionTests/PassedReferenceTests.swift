import ContainerImage
import KbldConfiguration
import Resolution
import TestSupport
import Testing

@Suite("References whose digest is not a registry's")
struct PassedReferenceTests {
    private static let digest = "@sha256:" + String(repeating: "0123456789abcdef", count: 4)

    private func resolve(_ reference: String, in store: MemoryStore = MemoryStore()) async throws -> ResolvedImage? {
        try await ImageResolver(configuration: Configuration(), registry: store, platform: nil, build: nil)
            .resolve([reference], atMost: 1)[reference]
    }

    @Test(
        "pass as the original lets them pass, and nothing is asked for",
        arguments: [
            ("docker://x", "docker://x"), ("oci://r.io/x/y", "oci://r.io/x/y"), ("https://r.io/x", "https://r.io/x"),
            ("a//b", "index.docker.io/a//b"), ("a/", "index.docker.io/a/"), ("r.io:/aa", "r.io:/aa"),
            ("docker.io//a", "index.docker.io//a"), ("r.io//a:1", "r.io//a"), ("ko://x/y:z", "ko://x/y"),
        ]
    )
    func passed(name: String, written: String) async throws {
        let store = MemoryStore()
        let image = try await resolve(name + Self.digest, in: store)
        #expect(image == ResolvedImage(url: written + Self.digest, origins: []))
        #expect(store.requests.isEmpty)
    }

    @Test(
        "are refused in the original's words where they are malformed",
        arguments: [
            ("nginx@sha256:digest", "invalid checksum digest length"),
            ("nginx@sha256:" + String(repeating: "g", count: 64), "invalid checksum digest format"),
            ("nginx@md5:1", "unsupported digest algorithm: md5:1"), ("nginx@", "unsupported digest algorithm: "),
            (
                "a@b@sha256:1",
                "a digest must contain exactly one '@' separator (e.g. registry/repository@digest) saw: a@b@sha256:1"
            ),
        ]
    )
    func malformed(reference: String, reason: String) async throws {
        let error = await #expect(throws: ResolutionError.self) { try await resolve(reference) }
        #expect(
            error?.lines.map(\.description) == [
                "",
                "- Resolving image '\(reference)': Expected valid digest reference, "
                    + "but found '\(reference)', reason: \(reason)",
            ]
        )
    }
}
