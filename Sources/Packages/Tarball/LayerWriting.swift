import ContainerImage
import ImageStore
import LocalFiles
import NIOCore
import Synchronization

/// Puts layers into their places in a tarball, and goes on from what an earlier run left of them.
///
/// An entry's header comes last: one that has it had all its bytes. Until then its first block may tell how many bytes
/// there are, for a run that resumes. Whatever was there before is hashed like what comes.
final class LayerWriting: Sendable {
    private let file: OutputFile
    private let marks: Bool
    private let kept = Atomic<Int64>(0)

    /// How many bytes of a layer that isn't whole are worth going on from.
    private static let smallest: Int64 = 1 << 20

    /// - Parameter resumes: Whether a later run may go on from what is written.
    init(to file: OutputFile, resumes: Bool) {
        self.file = file
        marks = resumes
    }

    /// The bytes that a later run needn't fetch: those of whole layers, and of the beginnings of others.
    var keptBytes: Int64 { kept.load(ordering: .relaxed) }

    /// Writes a layer; what is there already isn't fetched.
    ///
    /// - Throws: What keeps the layer from being read, and `ArchiveError` naming the file.
    func add(_ entry: ArchivePlan.Entry, from source: any ImageSource, counting item: TransferProgress.Item?)
        async throws
    {
        var beginning = BlobVerifier(entry.layer)
        if file.isResumed {
            // The bytes between the entries are always rewritten.
            try file.write(entry.padding, at: entry.dataOffset + entry.layer.size)
            if try readBack(entry, into: &beginning) { return keep(entry.layer.size) }
        }
        try await source.rereading(entry.layer) {
            do {
                try await copy(entry, after: beginning, from: source, counting: item)
            } catch let error as BlobError {
                item?.restart()
                guard beginning.count > 0, case .otherDigest = error else { throw error }
                // What was there before isn't the layer's.
                beginning = BlobVerifier(entry.layer)
                try await copy(entry, after: beginning, from: source, counting: item)
            }
        }
        keep(entry.layer.size)
    }

    /// Writes a part of a layer, all of whose parts come one after the other, in order.
    ///
    /// - Parameter sums: Have seen the parts before it.
    /// - Throws: As above; `BlobError` with the last part where the parts aren't the layer.
    func add(
        _ entry: ArchivePlan.Entry,
        _ part: ArchivePlan.Entry.Part,
        from source: any ImageSource,
        into sums: CutLayerSums,
        counting item: TransferProgress.Item?
    ) async throws {
        if file.isResumed { try file.write(entry.padding, at: entry.dataOffset + entry.layer.size) }
        var written: Int64 = 0
        for try await var chunk in try await source.content(of: part.whole, from: part.offset) {
            let count = Int(min(Int64(chunk.readableBytes), entry.layer.size - written))
            guard let piece = chunk.readSlice(length: count), count > 0 else { break }
            try sums.update(piece, of: part.whole)
            try piece.withUnsafeReadableBytes { try file.write($0, at: entry.dataOffset + written) }
            written += Int64(count)
            item?.add(count)
            if written == entry.layer.size { break }
        }
        guard written == entry.layer.size else {
            throw BlobError.tooShort(
                part.whole.digest,
                expected: part.offset + entry.layer.size,
                received: part.offset + written
            )
        }
        try file.write(entry.header, at: entry.headerOffset)
    }

    private func keep(_ count: Int64) {
        kept.add(count, ordering: .relaxed)
        if marks { file.outlastProcess() }
    }

    /// Writes the bytes from those on that `beginning` has seen.
    private func copy(
        _ entry: ArchivePlan.Entry,
        after beginning: BlobVerifier,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        var verifier = beginning
        var written = verifier.count
        item?.skip(written)
        if written == 0, file.isResumed { try mark(0, of: entry) }
        do {
            for try await chunk in try await source.content(of: entry.layer, from: written) {
                let offset = entry.dataOffset + verifier.count
                try verifier.update(chunk)
                item?.add(chunk.readableBytes)
                try chunk.withUnsafeReadableBytes { try file.write($0, at: offset) }
                guard verifier.count - written >= Writeback.flushInterval else { continue }
                file.startWriteback(at: entry.dataOffset + written, count: verifier.count - written)
                written = verifier.count
                if marks { try mark(written, of: entry) }
            }
            try verifier.finish()
        } catch {
            let isGood = !(error is any ContentError) || UnfinishedPackageError.mayPass(error)
            if marks, isGood, verifier.count >= Self.smallest, verifier.count <= entry.layer.size {
                try mark(verifier.count, of: entry)
                keep(verifier.count)
            } else if marks {
                try mark(0, of: entry)
            }
            throw error
        }
        try file.write(entry.header, at: entry.headerOffset)
    }

    private func mark(_ count: Int64, of entry: ArchivePlan.Entry) throws {
        try file.write(PartialLayer(count: count).block, at: entry.headerOffset)
    }

    /// Hashes what the file has of a layer from before; gives whether that is all of it.
    private func readBack(_ entry: ArchivePlan.Entry, into verifier: inout BlobVerifier) throws -> Bool {
        let head = try file.read(at: entry.headerOffset, count: entry.header.count)
        let isWhole = head == entry.header
        let end = isWhole ? entry.layer.size : PartialLayer(head)?.count ?? 0
        guard end <= entry.layer.size else { return false }
        while verifier.count < end {
            try Task.checkCancellation()
            let count = Int(min(end - verifier.count, 512 << 10))
            let bytes = try file.read(at: entry.dataOffset + verifier.count, count: count)
            guard bytes.count == count else {
                verifier = BlobVerifier(entry.layer)
                return false
            }
            try verifier.update(ByteBuffer(bytes: bytes))
        }
        guard isWhole else { return false }
        if (try? verifier.finish()) != nil { return true }
        verifier = BlobVerifier(entry.layer)
        return false
    }
}

/// A placeholder for an entry's header while its layer is being written: how many of its bytes are there.
struct PartialLayer {
    let count: Int64

    private static let beginning = Array("\0kbld partial ".utf8)

    init(count: Int64) { self.count = count }

    /// Reads the block; nil if it is something else.
    init?(_ block: [UInt8]) {
        guard block.starts(with: Self.beginning) else { return nil }
        let digits = block.dropFirst(Self.beginning.count).prefix { $0 != 0 }
        guard let count = Int64(String(decoding: digits, as: UTF8.self)), count >= 0 else { return nil }
        self.count = count
    }

    /// The block's bytes; it begins with a NUL, so that no reader of tarballs takes it for an entry.
    var block: [UInt8] {
        let text = count > 0 ? Self.beginning + Array("\(count)".utf8) : []
        return text + [UInt8](repeating: 0, count: max(0, TarHeader.blockSize - text.count))
    }
}
