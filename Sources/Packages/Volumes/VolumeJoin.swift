import ContainerImage
public import ImageStore
import LocalFiles
import NIOCore

/// The files that a package was cut into become one file.
public struct VolumeJoin: Sendable {
    private let index: VolumeIndex
    private let file: RandomAccessFile

    /// Opens the files that the index at `path` lists.
    ///
    /// - Throws: `ArchiveError` with all that aren't there as they must be.
    public init(path: String) throws {
        guard path.hasSuffix(VolumeIndex.suffix) else { throw NoVolumeIndexError(path: path) }
        index = try VolumeIndex(path: path)
        file = try RandomAccessFile(path: path)
    }

    /// How many files there are.
    public var count: Int { index.parts.count }
    /// How many bytes the package has.
    public var size: Int64 { index.size }

    /// Writes the package to `output`, which is there only if each file has its sum; a stream ends early where one hasn't.
    ///
    /// - Throws: `ArchiveError` naming the file.
    public func write(to output: String, progress: TransferProgress? = nil) async throws {
        guard !PackagePath.isStream(output) else {
            var stream = try await StreamOutput(path: output)
            return try await write(to: &stream, progress)
        }
        let target = try OutputFile(path: output, size: index.size)
        do {
            var file = FileOutput(target)
            try await write(to: &file, progress)
            try await target.settle()
        } catch {
            target.discard()
            throw error
        }
        try target.commit()
    }

    private func write(to output: inout some SequentialOutput, _ progress: TransferProgress?) async throws {
        progress?.enter(.copy, items: count, bytes: index.size)
        var whole = Digester()
        for part in index.parts {
            let item = progress?.begin(part.name, bytes: part.size)
            var own = Digester()
            for try await piece in file.content(from: part.offset, to: part.end, entry: part.name) {
                try Task.checkCancellation()
                piece.withUnsafeReadableBytes { bytes in
                    whole.update(bytes)
                    own.update(bytes)
                }
                try await output.write(piece)
                item?.add(piece.readableBytes)
            }
            if let problem = PartProblem(part, ofSum: own.finish().hex, in: index) {
                throw ArchiveError.badParts(path: file.path, [problem], of: count)
            }
            item?.finish()
        }
        guard whole.finish().hex == index.sha256 else {
            throw ArchiveError.damaged(
                path: file.path,
                entry: nil,
                reason: "the parts have their sums, but not the whole: the index is not right; get it again"
            )
        }
        try await output.flush()
    }
}

/// Something that is to be joined and lists no files.
public struct NoVolumeIndexError: ContentError, Sendable, CustomStringConvertible {
    /// Its path.
    public let path: String

    /// What it must be.
    public var description: String {
        "Joining '\(path)': it must be the index of the parts, whose name ends in '\(VolumeIndex.suffix)'"
    }
}
