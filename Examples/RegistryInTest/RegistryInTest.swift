import ContainerImage
import ImageStore
import RegistryClient
import RegistryServer

/// What a test does that needs a registry: it has one in its own process, which is gone when the test is over.
@main
public struct RegistryInTest {
    /// Pushes and pulls a greeting.
    public static func main() async throws { print(try await pushAndPull("Hello")) }

    /// Pushes an image whose only layer is `text` to a registry of its own and pulls it again; gives what came back.
    public static func pushAndPull(_ text: String) async throws -> String {
        try await RegistryServer(content: MemoryStorage()).serve { host in
            try await RegistryClient.withClient(credentials: .anonymous) { client in
                let repository = client.repository(try Repository("\(host)/greetings"))
                let config = try await repository.upload(Array("{}".utf8), as: .emptyJSON)
                let layer = try await repository.upload(Array(text.utf8), as: MediaType("text/plain"))
                let manifest = try RawManifest(config: config, layers: [layer])
                try await repository.push(manifest, tag: Tag("v1"))

                let pulled = try await repository.manifest(repository.resolve(Tag("v1")).digest)
                guard case .image(let image) = try pulled.parsed(), let layer = image.layers.first else { return "" }
                return String(decoding: try await repository.bytes(of: layer), as: UTF8.self)
            }
        }
    }
}
