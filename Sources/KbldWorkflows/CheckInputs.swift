import ContainerImage
import DocumentInput
import ImageStore
import KbldConfiguration
import KubernetesYAML
import Packages
import ReferenceChecks
import Signatures
import SourceReferences

/// What references are compared with.
enum CheckInputs {
    private static let sizeLimit = 256 << 20

    /// The findings of an earlier report.
    static func baseline(_ path: String) throws(CheckInputError) -> Baseline {
        do {
            return try Baseline(try SmallFile.bytes(of: path, limit: sizeLimit))
        } catch {
            let reason = (error as? SmallFileError)?.reason ?? "\(error)"
            throw CheckInputError(what: "baseline", path: path, reason: reason)
        }
    }

    /// The images of a package.
    ///
    /// - Parameter gate: What their signatures are judged by, if they are.
    static func package(
        _ path: String,
        _ gate: SignatureGate?,
        atMost limit: Int,
        in context: WorkflowContext
    ) async throws -> (images: PackagedImages, verdicts: [SignatureVerdict]) {
        let package = try await context.package(at: path)
        let filtered = (package.metadata.platformFilters ?? []).map(\.index)
        let all = package.trees.flatMap(\.all)
        let tellsOrigin = package.format == .kbld || package.format == .imgpkg
        var images = PackagedImages(
            name: path,
            references: Set(all.map(\.reference)).union(filtered),
            digests: tellsOrigin ? [] : Set(all.map(\.manifest.digest)),
            tags: package.names.merging(package.metadata.recordedTags) { first, _ in first }
        )
        guard let gate else { return (images, []) }
        let verdicts = try await gate.verdicts(on: package, atMost: limit)
        images.signatures = verdicts.mapValues { gate.finding(for: $0, of: package) }
        return (images, Array(verdicts.values))
    }

    /// What a lock file says.
    static func lock(_ path: String, in context: WorkflowContext) async throws -> ReferenceLock {
        try refuseOthers(path)
        let overrides = try await context.documents(in: [path]).configuration.overrides
        guard !overrides.isEmpty else {
            throw CheckInputError(
                what: "lock",
                path: path,
                reason: "it locks nothing; it must be a lock of kbld (kind: Config) or an ImagesLock of imgpkg"
            )
        }
        let regions = regions(of: path)
        return ReferenceLock(path: path, overrides: overrides) { text in
            regions[text] ?? SourceRegion(line: 1, columns: 1..<1)
        }
    }

    /// Where texts are in a lock file: each where it is first.
    private static func regions(of path: String) -> [String: SourceRegion] {
        guard let bytes = try? SmallFile.bytes(of: path, limit: sizeLimit),
            let source = try? YAMLSource(bytes, file: path)
        else { return [:] }
        let file = SourceFile(path: path, bytes: bytes, kind: .kubernetes)
        var ranges: [String: Range<Int>] = [:]
        for node in source.nodes {
            guard case .scalar(let text, _) = node.content, text.contains("/") || text.contains(":"),
                ranges[text] == nil
            else { continue }
            ranges[text] = node.range
        }
        let texts = ranges.keys.sorted()
        let places = file.positions(of: texts.compactMap { ranges[$0]?.lowerBound })
        let ends = file.positions(of: texts.compactMap { ranges[$0]?.upperBound })
        return Dictionary(uniqueKeysWithValues: zip(texts, zip(places, ends).map { SourceRegion($0, $1) }))
    }

    /// Locks of other tools, by their names, and by what is in them.
    private static let others: [(tool: String, names: [String], marks: [String])] = [
        ("Helm", ["Chart.lock", "requirements.lock"], []),
        ("vendir", ["vendir.lock.yml", "vendir.lock.yaml"], ["kind: LockConfig"]),
        ("imgpkg's bundles", ["bundle.lock.yml"], ["kind: BundleLock"]),
        ("npm", ["package-lock.json"], ["\"lockfileVersion\""]),
        ("pnpm", ["pnpm-lock.yaml"], ["lockfileVersion:"]),
        ("Yarn", ["yarn.lock"], []),
        ("Terraform", [".terraform.lock.hcl"], []),
        ("Nix", ["flake.lock"], []),
        ("Cargo", ["Cargo.lock"], []),
        ("Poetry", ["poetry.lock"], []),
        ("Go", ["go.sum"], []),
    ]

    private static func refuseOthers(_ path: String) throws(CheckInputError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var tool = others.first { $0.names.contains(name) }?.tool
        if tool == nil, let bytes = try? SmallFile.bytes(of: path, limit: sizeLimit) {
            let beginning = String(decoding: bytes.prefix(1 << 16), as: UTF8.self)
            tool = others.first { $0.marks.contains { beginning.contains($0) } }?.tool
        }
        guard let tool else { return }
        throw CheckInputError(
            what: "lock",
            path: path,
            reason: "it is a lock file of \(tool), not of kbld or imgpkg"
        )
    }
}

/// Why a file is nothing to compare references with.
public struct CheckInputError: Error, Sendable, CustomStringConvertible {
    /// What it is to be.
    public let what: String
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// What is wrong, with the file.
    public var description: String { "Reading \(what) '\(path)': \(reason)" }
}
