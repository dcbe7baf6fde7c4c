import ContainerImage
import Glibc
import ImageStore
import Packages
import RegistryClient

/// What the other side has, as a `--base` flag tells it.
enum DeltaBase: Sendable {
    /// A package that went there before.
    case package(AnyPackage)
    /// Documents or locks whose images are there.
    case documents(PackagedReferences)
    /// A repository that has what is there.
    case repository(Repository)

    /// Finds out what `text` is: its content tells a package from documents, what is no file is a repository.
    ///
    /// - Throws: `DeltaBaseError` for what is neither, and what reading it throws.
    init(_ text: String) async throws {
        var status = stat()
        if stat(text, &status) != 0 {
            let isPath =
                text.hasPrefix("/") || text.hasPrefix(".") || [".tar", ".yml", ".yaml"].contains(where: text.hasSuffix)
            guard !isPath, let repository = try? Repository(text) else { throw DeltaBaseError(text: text) }
            self = .repository(repository)
        } else if AnyPackage.looksLikePackage(text) {
            self = .package(try await AnyPackage(path: text))
        } else {
            self = .documents(try PackagedReferences(try await FileFlags.manifests(in: [text])))
        }
    }

    /// Which of `layers` are there.
    func held(
        of layers: [Descriptor],
        in client: RegistryClient,
        atMost limit: Int
    ) async throws -> Set<Digest> {
        switch self {
        case .package(let archive):
            // What a delta leaves out was there before it.
            return Set(archive.trees.flatMap(\.images).flatMap(\.packagedLayers).map(\.digest))
        case .documents(let references):
            let trees = try await ImageTree.read(references.all, from: { client.repository($0) }, atMost: limit)
            return Set(trees.flatMap(\.images).flatMap(\.packagedLayers).map(\.digest))
        case .repository(let repository):
            let store = client.repository(repository)
            let isHeld = try await layers.concurrentMap(atMost: limit) { try await store.contains($0) }
            return Set(zip(layers, isHeld).filter { $1 == true }.map(\.0.digest))
        }
    }
}

extension DeltaBase {
    /// What a package leaves out, in a line for the log.
    static func summary(of plan: ArchivePlan) -> String {
        let bytes = plan.leftOut.byteTotal(\.size)
        let count = plan.leftOut.count
        return "leaving out \(count) of \(count + plan.entries.count) layers (\(bytes) bytes), which the base has"
    }
}

/// A `--base` that means nothing.
struct DeltaBaseError: Error, Sendable, CustomStringConvertible {
    let text: String

    var description: String {
        "--base '\(text)': there is no such file, and it is not a repository either; "
            + "give an earlier package, documents or a lock file, or a repository such as registry.local/app"
    }
}
