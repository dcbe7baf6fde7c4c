import Algorithms
package import ContainerImage
package import ImageStore
import LibC
package import Packages

/// What the other side has, as people tell it.
package enum DeltaBase: Sendable {
    /// A package that went there before.
    case package(AnyPackage)
    /// Documents or locks whose images are there.
    case documents(PackagedReferences)
    /// A repository that has what is there.
    case repository(Repository)

    /// Finds out what `text` is: its content tells a package from documents; if it is not a file, it is a repository.
    ///
    /// - Throws: `DeltaBaseError` for what is neither, and what reading it throws.
    package init(_ text: String, in context: WorkflowContext) async throws {
        var status = stat()
        if stat(text, &status) != 0 {
            guard !ImageSubject.looksLikeFile(text), let repository = try? Repository(text) else {
                throw DeltaBaseError(text: text)
            }
            self = .repository(repository)
        } else if !PackagePath.isSeekable(text) {
            switch try await context.subject(through: text) {
            case .package(let file): self = .package(try await AnyPackage(file))
            case .documents(let documents): self = .documents(try PackagedReferences(documents))
            }
        } else if AnyPackage.looksLikePackage(text) {
            self = .package(try await context.package(at: text))
        } else {
            self = .documents(try PackagedReferences(try await context.documents(in: [text])))
        }
    }

    /// Which of `layers` are there.
    package func held(
        of layers: [Descriptor],
        in registry: any ImageRegistry,
        atMost limit: Int
    ) async throws -> Set<Digest> {
        switch self {
        case .package(let archive):
            // What a delta leaves out was there before it.
            return Set(archive.trees.flatMap(\.images).flatMap(\.packagedLayers).map(\.digest))
        case .documents(let references):
            let trees = try await ImageTree.read(references.all, from: { registry.repository($0) }, atMost: limit)
            return Set(trees.flatMap(\.images).flatMap(\.packagedLayers).map(\.digest))
        case .repository(let repository):
            let store = registry.repository(repository)
            let isHeld = try await layers.concurrentMap(atMost: limit) { try await store.contains($0) }
            return Set(zip(layers, isHeld).filter { $1 == true }.map(\.0.digest))
        }
    }
}

extension DeltaBase {
    /// Those layers of `trees` that the other side has, as `bases` tell it; nil without a base.
    static func layers(
        of trees: [ImageTree],
        heldBy bases: [String],
        in registry: any ImageRegistry,
        atMost limit: Int,
        _ context: WorkflowContext
    ) async throws -> Set<Digest>? {
        guard !bases.isEmpty else { return nil }
        let layers = trees.flatMap(\.images).flatMap(\.packagedLayers).uniqued(on: \.digest)
        var held: Set<Digest> = []
        for text in bases {
            held.formUnion(try await DeltaBase(text, in: context).held(of: layers, in: registry, atMost: limit))
        }
        return held.intersection(layers.map(\.digest))
    }

    /// What a package leaves out, in a line for the log.
    static func summary(of plan: ArchivePlan) -> HintedText {
        let bytes = plan.omitted.byteTotal(\.size)
        let count = plan.omitted.count
        let all = Count.text(count + plan.entries.count, "layer")
        return "omitting \(count) of \(all) (\(ByteCount(bytes))), which the base has"
    }
}

/// A base that means nothing.
package struct DeltaBaseError: HintedError, Sendable {
    /// What was given.
    package let text: String

    /// What can be given.
    package var message: HintedText {
        "\(hint: .base, before: " ")'\(text)': there is no such file, and it is not a repository either; "
            + "give an earlier package, documents or a lock file, or a repository such as registry.local/app"
    }
}
