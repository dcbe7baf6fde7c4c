public import ContainerImage
public import ImageStore

extension PackageMetadata {
    /// An entry of an index that isn't in the package, although the index names it.
    public struct AbsentEntry: Hashable, Sendable, Codable {
        /// The index.
        public var index: Digest
        /// What it names.
        public var digest: Digest
        /// The platform that it names it for.
        public var platform: String?

        /// Creates a record of an absent entry.
        public init(index: Digest, entry: Descriptor) {
            self.index = index
            digest = entry.digest
            platform = entry.platform?.description
        }
    }

    /// The digests of entries that may be absent.
    public var absentDigests: Set<Digest> { Set((absent ?? []).map(\.digest)) }

    /// Notes what isn't there of `trees`.
    public mutating func note(absentFrom trees: [ImageTree]) {
        var entries: Set<AbsentEntry> = []
        for case .index(let branch) in trees.flatMap(\.all) {
            for entry in branch.absent { entries.insert(AbsentEntry(index: branch.manifest.digest, entry: entry)) }
        }
        let sorted = entries.sorted { ($0.index, $0.digest) < ($1.index, $1.digest) }
        absent = sorted.isEmpty ? nil : sorted
    }

    /// What it calls absent of indexes that don't name it, a line for each.
    func problems(ofAbsence trees: [ImageTree]) -> [String] {
        guard let absent else { return [] }
        let noted = Dictionary(grouping: absent, by: \.index).mapValues { Set($0.map(\.digest)) }
        var entries: [Digest: Set<Digest>] = [:]
        var problems: [String] = []
        for case .index(let branch) in trees.flatMap(\.all) {
            guard case .index(let index)? = try? branch.manifest.parsed() else { continue }
            entries[branch.manifest.digest] = Set(index.manifests.map(\.digest))
            problems += branch.absent.filter { noted[branch.manifest.digest]?.contains($0.digest) != true }
                .map { "it doesn't say that \($0.digest) is absent from the index \(branch.manifest.digest)" }
        }
        return problems
            + absent.filter { entries[$0.index]?.contains($0.digest) != true }.map {
                "it says that \($0.digest) is absent from the index \($0.index), which isn't there or doesn't name it"
            }
    }
}

extension ImageTree {
    /// A note for each entry of an index that isn't there.
    var absenceIssues: [PackageIssue] {
        guard case .index(let branch) = self else { return [] }
        return branch.absent.map {
            PackageIssue(.absent, branch.reference.description, "\(LayoutWalk.words($0)) is listed but not included")
        }
    }
}
