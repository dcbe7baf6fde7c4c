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
        var issues = index.parts.compactMap { Self.absence(of: $0, in: folder) }
        let unusable = Set(issues.map(\.subject))
        progress?.enter(.check, items: index.parts.count, bytes: index.size)
        issues += try await index.parts.filter { !unusable.contains($0.name) }
            .concurrentMap(atMost: limit) { part -> PackageIssue? in
                let item = progress?.begin(part.name, bytes: part.size)
                defer { item?.finish() }
                let file = try RandomAccessFile(plain: folder.appending(part.name).string)
                let place = FileSlice(file: file, offset: 0, size: part.size, name: part.name)
                let sum = try Self.digest(of: place, by: .sha256, counting: item).hex
                guard sum != part.sha256 else { return nil }
                return PackageIssue(.altered, part.name, "its SHA-256 is \(sum)\(Self.bytes(of: part))")
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

    /// What keeps a part from being read.
    private static func absence(of part: VolumeIndex.Part, in folder: FilePath) -> PackageIssue? {
        var status = stat()
        guard folder.appending(part.name).withPlatformString({ stat($0, &status) }) == 0 else {
            return PackageIssue(.missing, part.name, "the part is missing\(bytes(of: part))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return PackageIssue(.missing, part.name, "the part is not a file\(bytes(of: part))")
        }
        guard Int64(status.st_size) != part.size else { return nil }
        return PackageIssue(
            .size,
            part.name,
            "the part has \(status.st_size) of \(part.size) bytes\(bytes(of: part))"
        )
    }

    private static func bytes(of part: VolumeIndex.Part) -> String {
        "; it holds bytes \(part.offset) to \(part.end - 1) of the package"
    }
}
