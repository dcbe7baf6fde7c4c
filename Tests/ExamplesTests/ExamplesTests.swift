import ContainerImage
import CopyImage
import ImageStore
import PackImages
import RegistryClient
import RegistryInTest
import RegistryServer
import TestSupport
import Testing

@Suite("Examples")
struct ExamplesTests {
    /// Runs `body` with the host of a registry that has the image `app:v1` of two layers, and its digest.
    private func serving<Value>(_ body: (RegistryHost, Digest) async throws -> Value) async throws -> Value {
        try await RegistryServer(content: MemoryStorage(), limits: ServerLimits(connections: 100)).serve { host in
            let digest = try await RegistryClient.withClient(credentials: .anonymous) { client in
                let repository = client.repository(try Repository("\(host)/app"))
                let config = try await repository.upload(Array("{}".utf8), as: .emptyJSON)
                let layers = [
                    try await repository.upload([1, 2, 3], as: .octetStream),
                    try await repository.upload(Array(repeating: 7, count: 100_000), as: .octetStream),
                ]
                let image = try RawManifest(config: config, layers: layers)
                try await repository.push(image, tag: nil)
                var entry = image.descriptor
                entry.platform = try Platform("linux/amd64")
                let index = try RawManifest(index: [entry])
                try await repository.push(index, tag: Tag("v1"))
                return index.digest
            }
            return try await body(host, digest)
        }
    }

    @Test("CopyImage copies an image from one registry to another, by tag and by digest")
    func copy() async throws {
        try await serving { first, digest in
            try await serving { second, _ in
                let name = try await CopyImage.copy("\(first)/app:v1", to: "\(second)/a/copy", credentials: .anonymous)
                #expect(name == "\(second)/a/copy@\(digest)")
                let back = try await CopyImage.copy(name, to: "\(first)/back", credentials: .anonymous)
                #expect(back == "\(first)/back@\(digest)")
                let found = try await RegistryClient.withClient(credentials: .anonymous) { client in
                    try await client.resolve(ImageReference("\(second)/a/copy:v1"))
                }
                #expect(found.digest == digest)
            }
        }
    }

    @Test("PackImages packs an image and lists it")
    func pack() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path(of: "images.tar")
        try await serving { host, digest in
            try await PackImages.pack(["\(host)/app:v1", "\(host)/app@\(digest)"], into: file, credentials: .anonymous)
            let lines = try await PackImages.list(file)
            #expect(Set(lines) == ["\(host)/app@\(digest): \(ByteCount(100_003)) in 2 layers"])
        }
    }

    @Test("RegistryInTest gets back what it pushed")
    func push() async throws {
        #expect(try await RegistryInTest.pushAndPull("Good morning") == "Good morning")
    }
}
