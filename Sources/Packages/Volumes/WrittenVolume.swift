import ContainerImage
import ImageStore

/// A volume that an earlier run wrote to its end, perhaps with another signature.
struct WrittenVolume {
    /// The signature that it has.
    let signature: [UInt8]?
    private let file: RandomAccessFile
    private let plan: ArchivePlan
    /// How many bytes its signature takes.
    private let shift: Int64

    /// Looks at the file `path`; nil where it isn't a volume of `plan`, which has no signature.
    ///
    /// - Throws: `ArchiveError` when the file can't be read.
    init?(_ plan: ArchivePlan, at path: String) throws(ArchiveError) {
        guard let file = try? RandomAccessFile(plain: path) else { return nil }
        (self.file, self.plan) = (file, plan)
        let signature = FirstEntries.signature { try? file.bytes(at: $0, count: $1, entry: nil) }
        self.signature = signature
        shift = signature.map { PackageSeal.entrySize(ofSignature: $0.count) } ?? 0
        let place = plan.signaturePlace
        guard file.size == plan.totalSize + shift,
            try file.bytes(at: 0, count: place, entry: nil) == plan.head[..<place].map(\.self),
            try file.bytes(at: Int64(place) + shift, count: plan.head.count - place, entry: nil)
                == plan.head[place...].map(\.self)
        else { return nil }
    }

    /// Whether all of its layers are there.
    ///
    /// - Parameter sums: Have seen the parts that came before, and see those that it has if all are there.
    func isWhole(_ sums: CutLayerSums) async throws -> Bool {
        let before = sums.state
        do {
            for entry in plan.entries {
                let header = try file.bytes(at: entry.headerOffset + shift, count: entry.header.count, entry: nil)
                guard header == entry.header else {
                    sums.state = before
                    return false
                }
                let start = entry.dataOffset + shift
                let body = file.content(from: start, to: start + entry.layer.size, entry: "\(entry.layer.digest)")
                if let part = entry.part {
                    for try await chunk in body { try sums.update(chunk, of: part.whole) }
                } else {
                    for try await _ in body.verified(as: entry.layer) { try Task.checkCancellation() }
                }
            }
            return true
        } catch is BlobError {
            sums.state = before
            return false
        }
    }
}
