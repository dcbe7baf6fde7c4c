import ContainerImage
import Packages
import Signatures

/// Signs the volumes of a package: each by itself, all under one sequence, before the first layer is fetched.
struct VolumeSigning: Sendable {
    let signing: PackageSigning
    /// What is said of each volume, but for its digests.
    let statement: PackageStatement
    /// Whether it bears the present time, and not one that was given.
    let isOfPresent: Bool
    let log: LogSink

    /// What stands for a volume in a statement: its digests are as long as all others.
    static var anySeal: PackageSeal {
        let digest = Digest(of: [])
        return PackageSeal(manifest: digest, metadata: digest)
    }

    /// How much room a signature takes in a volume at most, in bytes.
    func entrySize() throws -> Int64 {
        PackageSeal.entrySize(ofSignature: try signing.longestEnvelope(of: statement))
    }

    /// The signatures of the volumes, in their order.
    ///
    /// - Parameter path: What the package is called, where volumes of an earlier run are kept: those that it signed stay as
    ///   they are, and the others follow its sequence. Nil where all begins anew.
    /// - Throws: As `PackageSigning.sign(_:)`.
    func signatures(of plan: VolumePlan, resuming path: String?) async throws -> [[UInt8]] {
        let numbers = 1...plan.count
        var statements = try numbers.map { number in
            var own = statement
            let seal = try plan.volume(number).seal
            (own.manifest, own.metadata) = (seal.manifest, seal.metadata)
            return own
        }
        let found = numbers.map { number in path.flatMap { plan.earlierSignature(of: number, in: $0) } }
        let earlier = zip(found, statements).lazy
            .compactMap { found, own in found.flatMap { signing.earlier($0, saying: own, ofPresent: isOfPresent) } }
            .first
        if let earlier {
            for index in statements.indices {
                (statements[index].sequence, statements[index].createdAt) = (earlier.sequence, earlier.createdAt)
            }
        }
        var signatures: [[UInt8]] = []
        var keptCount = 0
        for (found, own) in zip(found, statements) {
            if let found, signing.earlier(found, saying: own, ofPresent: false) != nil {
                signatures.append(found)
                keptCount += 1
            } else {
                signatures.append(try await signing.sign(try PackageEnvelope(own)).encoded())
            }
        }
        let kept = keptCount > 0 ? ", \(keptCount) as an earlier run did" : ""
        log("signing \(Count.text(plan.count, "volume"))\(kept): sequence \(statements.first?.sequence ?? 0)")
        return signatures
    }
}
