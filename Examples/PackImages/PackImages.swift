import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
public import RegistryClient

/// Packs images into one file, and lists what is in it:
/// `PackImages images.tar quay.io/prometheus/busybox:latest registry.example/app:v1`.
@main
public struct PackImages {
    /// Packs the images that are named after the file, if any, and lists those of the file.
    public static func main() async throws {
        guard let path = CommandLine.arguments.dropFirst().first else {
            return print("Usage: PackImages FILE [IMAGE…]")
        }
        let images = Array(CommandLine.arguments.dropFirst(2))
        if !images.isEmpty {
            let variables = ProcessInfo.processInfo.environment
            try await pack(images, into: path, credentials: CredentialStore(variables: variables, prefix: "REGISTRY"))
        }
        for line in try await list(path) { print(line) }
    }

    /// Packs images into the file `path`: each layer once, straight to its place, verified on the way.
    public static func pack(
        _ images: [String],
        into path: String,
        credentials: some CredentialProvider
    ) async throws {
        try await RegistryClient.withClient(credentials: credentials) { client in
            let pinned = try await images.concurrentMap(atMost: 16) { try await client.resolve(ImageReference($0)) }
            let trees = try await ImageTree.read(pinned, from: { client.repository($0) }, atMost: 16)
            let plan = try ArchivePlan(trees)
            try await ArchiveWriter(path: path).write(plan, from: { client.repository($0) }, atMost: 16)
        }
    }

    /// The images of the package at `path`, whatever its format, after all layers were verified.
    public static func list(_ path: String) async throws -> [String] {
        let package = try await AnyPackage(path: path)
        try await package.heldLayers.concurrentForEach(atMost: 4) { try await package.verify($0) }
        return package.trees.map { tree in
            let layers = Set(tree.images.flatMap(\.packagedLayers))
            return "\(tree.reference): \(ByteCount(layers.byteTotal(\.size))) in \(layers.count) layers"
        }
    }
}
