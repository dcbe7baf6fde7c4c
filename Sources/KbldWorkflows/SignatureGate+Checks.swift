import ContainerImage
import ImageStore
import ImageTransfer
import Packages
import ReferenceChecks
import Signatures

/// Signatures as a rule of checks.
extension SignatureGate {
    /// Whether each manifest of a package is signed as the policy asks; an index that platforms were taken from, by the
    /// digest that it had.
    func verdicts(on package: AnyPackage, atMost limit: Int) async throws -> [Digest: SignatureVerdict] {
        let images = Images(package.trees, package.metadata, named: package.trees.flatMap(\.all).map(\.reference))
        let verdicts = try await verdicts(on: images, from: { _ in package }, atMost: limit)
        var found = Dictionary(verdicts.map { ($0.image.digest, $0) }) { $0.isAccepted ? $1 : $0 }
        for filter in images.platformFilters { found[filter.index.digest] = found[filter.filtered.digest] }
        return found
    }

    /// What a verdict on an image of a package means for a check.
    func finding(for verdict: SignatureVerdict, of package: AnyPackage) -> SignatureFinding {
        let images = Images(package.trees, package.metadata, named: [])
        return Self.finding(for: verdict, Self.explanation(of: verdict, images), doubts: [])
    }

    /// Judges images of registries one by one: the manifest, and what is attached to it, are asked for.
    func judge(noting verdicts: SignatureVerdicts) -> CheckSettings.SignatureJudge {
        { image, registry in
            let (verdict, doubts) = try await verdict(on: image, in: registry)
            verdicts.add([verdict])
            return Self.finding(for: verdict, HintedText(verdict.problems.joined(separator: "; ")), doubts: doubts)
        }
    }

    private func verdict(
        on image: DigestReference,
        in registry: any ImageRegistry
    ) async throws -> (SignatureVerdict, doubts: [HintedText]) {
        let needsSignatures = policy.requirements(for: image).contains { requirement in
            switch requirement {
            case .signed, .attested: true
            case .anything, .reject, .unsupported: false
            }
        }
        guard needsSignatures else { return (await policy.verdict(on: image, signed: []), []) }
        // Of an index the bytes are enough: what it leads to is covered.
        let trees = try await ImageTree.read(
            [image],
            from: { registry.repository($0) },
            keeping: { _ in [] },
            atMost: 1
        )
        let gathered = try await selecting(ArtifactSelection())
            .apply(to: ImagesWithArtifacts(trees: trees), from: registry, atMost: 2)
        let images = Images(gathered.trees, names: gathered.names, platformFilters: [], named: [image])
        let verdicts = try await verdicts(on: images, from: { registry.repository($0) }, atMost: 2)
        guard let verdict = verdicts.first(where: { $0.image == image }) else {
            return (await policy.verdict(on: image, signed: []), gathered.remarks)
        }
        return (verdict, gathered.remarks)
    }

    /// What can't be judged, or isn't all known, is neither accepted nor refused.
    private static func finding(
        for verdict: SignatureVerdict,
        _ explanation: HintedText,
        doubts: [HintedText]
    ) -> SignatureFinding {
        if verdict.isAccepted { return .accepted }
        if verdict.unsupported.count == verdict.problems.count { return .undecided(explanation) }
        guard let doubt = doubts.first else { return .refused(explanation) }
        return .undecided("\(explanation); \(doubt)")
    }
}
