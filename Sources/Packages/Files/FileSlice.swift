import ContainerImage
package import ImageStore
import NIOCore

/// A stretch of a file: where a blob lies in a package.
public struct FileSlice: Sendable {
    /// The file.
    package let file: RandomAccessFile
    /// Where the blob begins, in bytes.
    public let offset: Int64
    /// How many bytes there are.
    public let size: Int64
    /// What the blob is called in the package.
    public let name: String

    /// Creates a slice of `file`.
    package init(file: RandomAccessFile, offset: Int64, size: Int64, name: String) {
        self.file = file
        self.offset = offset
        self.size = size
        self.name = name
    }

    /// The bytes from `start` on, counted from the blob's beginning.
    ///
    /// - Parameter state: What the file must be like until the last of them was read, if that matters.
    package func content(from start: Int64, in state: FileState? = nil) -> BlobBody {
        file.content(from: offset + start, to: offset + size, entry: name, in: state)
    }

    /// Where the blob lies in the file.
    package var range: Range<Int64> { offset..<offset + size }

    /// The digest of the bytes.
    ///
    /// - Throws: `ArchiveError` when they can't be read; `CancellationError`.
    func digest(by algorithm: Digest.Algorithm, counting item: TransferProgress.Item? = nil) throws -> Digest {
        var digester = Digester(algorithm)
        var position = offset
        while position < range.upperBound {
            try Task.checkCancellation()
            let count = Int(min(range.upperBound - position, 512 << 10))
            let buffer = try file.buffer(at: position, count: count, entry: name)
            buffer.withUnsafeReadableBytes { digester.update($0) }
            position += Int64(count)
            item?.add(count)
        }
        return digester.finish()
    }

    /// A descriptor of the file, which the caller closes, and where the blob begins there; nil if the blob is in several
    /// files.
    ///
    /// - Throws: `ArchiveError` when the system gives none, or the file has become shorter than the blob needs.
    public func openDescriptor() throws(ArchiveError) -> (descriptor: Int32, offset: Int64)? {
        try file.duplicate(of: range, entry: name)
    }
}
