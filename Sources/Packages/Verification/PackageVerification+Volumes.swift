import ContainerImage
import ImageStore
import LibC
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
        var issues = index.parts.compactMap { part in
            PartProblem(part, in: folder, of: index).map { Self.issue($0, with: part) }
        }
        let unusable = Set(issues.map(\.subject))
        progress?.enter(.check, items: index.parts.count, bytes: index.size)
        issues += try await index.parts.filter { !unusable.contains($0.name) }
            .concurrentMap(atMost: limit) { part -> PackageIssue? in
                let item = progress?.begin(part.name, bytes: part.size)
                defer { item?.finish() }
                let sum = try PartProblem.sum(of: folder.appending(part.name), size: part.size, counting: item)
                return PartProblem(part, ofSum: sum, in: index).map { Self.issue($0, with: part) }
            }
            .compactMap { $0 }
        let order = Dictionary(index.parts.enumerated().map { ($1.name, $0) }) { first, _ in first }
        issues.sort { (order[$0.subject] ?? 0) < (order[$1.subject] ?? 0) }
        guard unusable.isEmpty else {
            self.init(path: path, format: .kbld, size: index.size, entryCount: 0, findings: issues)
            return
        }
        try await self.init(file: file.get(), atMost: limit, progress: progress)
        findings = issues + findings
    }

    private static func issue(_ problem: PartProblem, with part: VolumeIndex.Part) -> PackageIssue {
        let place = "it holds bytes \(part.offset) to \(part.end - 1) of the package"
        return PackageIssue(problem.kind, part.name, "the part \(problem.reason); \(place)")
    }
}
