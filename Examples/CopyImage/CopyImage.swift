import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
public import RegistryClient

/// Copies an image, or an index with all its images, into another repository under the same digests:
/// `CopyImage quay.io/prometheus/busybox:latest registry.example/busybox`.
@main
public struct CopyImage {
    /// Copies the image of the first argument to the repository of the second one, with the logins of this machine.
    public static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { return print("Usage: CopyImage IMAGE REPOSITORY") }
        let variables = ProcessInfo.processInfo.environment
        let copied = try await copy(
            arguments[1],
            to: arguments[2],
            options: RegistryOptions(variables: variables),
            credentials: CredentialStore(variables: variables, prefix: "REGISTRY")
        )
        print(copied)
    }

    /// Copies an image, and its tag where it is named by one; gives its name at the destination.
    public static func copy(
        _ image: String,
        to destination: String,
        options: RegistryOptions = RegistryOptions(),
        credentials: some CredentialProvider
    ) async throws -> String {
        let image = try ImageReference(image)
        let destination = try Repository(destination)
        return try await RegistryClient.withClient(options: options, credentials: credentials) { client in
            let pinned = try await client.resolve(image)
            let trees = try await ImageTree.read([pinned], from: { client.repository($0) }, atMost: 16)
            let tags = if case .tag(_, let tag) = image { [pinned.digest: [tag]] } else { [Digest: [Tag]]() }
            let batch = ImageBatch(trees, to: client.repository(destination), tags: tags)
            try await ImageRelocation(atMost: 16).copy([batch], from: { client.repository($0) })
            return "\(destination)@\(pinned.digest)"
        }
    }
}
