import ContainerImage
import ImageStore
import LibC
import LocalFiles
import SystemPackage

extension PackageVerification {
    /// Reads a package that was cut into files: these first, then, if all are there, what is in them.
    init(
        partsOf path: String,
        _ file: Result<RandomAccessFile, any Error>,
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws {
        let index = try VolumeIndex(path: path)
        let folder = FilePath(path).removingLastComponent()
        var problems = index.parts.compactMap { PartProblem($0, in: folder, of: index) }
        let unusable = Set(problems.map(\.name))
        progress?.enter(.check, items: index.parts.count, bytes: index.size)
        problems += try await index.parts.filter { !unusable.contains($0.name) }
            .concurrentMap(atMost: limit) { part -> PartProblem? in
                let item = progress?.begin(part.name, bytes: part.size)
                defer { item?.finish() }
                let sum = try PartProblem.sum(of: folder.appending(part.name), size: part.size, counting: item)
                return PartProblem(part, ofSum: sum, in: index)
            }
            .compactMap { $0 }
        let byName = Dictionary(problems.map { ($0.name, $0) }) { first, _ in first }
        let issues = index.parts.compactMap { part in byName[part.name].map { Self.issue($0, with: part) } }
        // What only has another's name needn't come again.
        let bad = index.parts.enumerated().filter { byName[$1.name]?.isExchanged == false }.map { $0.offset + 1 }
        guard unusable.isEmpty else {
            self.init(path: path, format: .kbld, size: index.size, entryCount: 0, findings: issues)
            badParts = bad
            return
        }
        let whole = try file.get()
        try await self.init(file: whole, atMost: limit, progress: progress)
        badParts = bad
        findings = issues + Self.issues(of: index, at: path, issues.isEmpty ? whole : nil) + findings
    }

    /// What the index itself says that isn't so.
    ///
    /// - Parameter file: The package, where all of its parts have their sums.
    private static func issues(of index: VolumeIndex, at path: String, _ file: RandomAccessFile?) -> [PackageIssue] {
        let (name, package) = (VolumeLayout.name(of: path), String(path.dropLast(VolumeIndex.suffix.count)))
        var issues: [PackageIssue] = []
        if let manifest = file.flatMap(FirstEntries.manifest), Digest(of: manifest).hex != index.manifest {
            issues.append(PackageIssue(.altered, name, "it has another SHA-256 of manifest.json: \(index.manifest)"))
        }
        let sums = VolumeWriter.sumsPath(of: package)
        guard let own = bytes(of: path), let list = bytes(of: sums) else { return issues }
        let expected = ChecksumLine.text(Digest(of: own).hex, name).dropLast()
        let known = String(decoding: list, as: UTF8.self).split(separator: "\n")
        if !known.contains(expected), known.contains(where: { $0.dropFirst(64) == expected.dropFirst(64) }) {
            let reason = "it is altered: '\(VolumeLayout.name(of: sums))' has another sum of it"
            issues.append(PackageIssue(.altered, name, HintedText(reason)))
        }
        return issues
    }

    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = try? RandomAccessFile(plain: path), file.size <= VolumeIndex.largestSize else { return nil }
        return try? file.bytes(at: 0, count: Int(file.size), entry: nil)
    }

    private static func issue(_ problem: PartProblem, with part: VolumeIndex.Part) -> PackageIssue {
        let place = "it holds bytes \(part.offset) to \(part.end - 1) of the package"
        return PackageIssue(problem.kind, part.name, "the part \(problem.reason); \(place)")
    }
}
