import ArgumentParser
import ContainerImage
import ImageStore
import RegistryClient

/// What the other side has already.
struct BaseFlags: ParsableArguments {
    @Option(
        name: .customLong("base"),
        help: ArgumentHelp(
            "Leave out layers that the other side has: those of an earlier package, of the images of documents or a "
                + "lock file, or of a repository. May be given several times.",
            valueName: "file|repository"
        )
    )
    var bases: [String] = []

    /// Those layers of `trees` that the other side has; nil without a base.
    func absent(
        from trees: [ImageTree],
        in client: RegistryClient,
        atMost limit: Int
    ) async throws -> Set<Digest>? {
        guard !bases.isEmpty else { return nil }
        var seen: Set<Digest> = []
        let layers = trees.flatMap(\.images).flatMap(\.packagedLayers).filter { seen.insert($0.digest).inserted }
        var absent: Set<Digest> = []
        for text in bases {
            absent.formUnion(try await DeltaBase(text).held(of: layers, in: client, atMost: limit))
        }
        return absent.intersection(seen)
    }
}
