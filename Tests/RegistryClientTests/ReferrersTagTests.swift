import ContainerImage
import ImageStore
import RegistryClient
import Testing

@Suite("The tag that lists referrers where there is no API for them")
struct ReferrersTagTests {
    @Test("a tag that is no list is told", arguments: ["{nope", #"{"schemaVersion":2,"manifests":{"a":1}}"#])
    func noList(text: String) async throws {
        try await ScriptedRegistry.serving { _, _ in
            nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            _ = registry.put("src/app", text, .ociIndex, tag: Tag.referrers(of: digest).name)
            let list = try await registry.client { client in
                try await client.repository(registry.repository("src/app")).referrers(of: digest)
            }
            #expect(list.descriptors.isEmpty)
            let refusal = try #require(list.refusal)
            #expect(
                "\(refusal)" == "the tag '\(Tag.referrers(of: digest))' names something that is not a list of referrers"
            )
        }
    }

    @Test("a tag is asked for by GET where HEAD keeps failing", arguments: [429, 500, 503])
    func failingHead(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.method == "HEAD" && request.path.contains("/manifests/sha256-") ? Answer(status) : nil
        } _: { registry in
            let digest = registry.put("src/app", layers: ["one"], tag: "1").digest
            let referrer = registry.put("src/app", layers: ["signature"], tag: "sha256-\(digest.hex).sig").digest
            let found = try await registry.client { client in
                let tag = try Tag("sha256-\(digest.hex).sig")
                return try await client.repository(registry.repository("src/app")).descriptor(of: tag)
            }
            #expect(found?.digest == referrer)
        }
    }
}
