import ContainerImage
import SystemPackage

/// Which files a package is cut into.
struct VolumeLayout: Sendable {
    /// The path of the package, which the files' names begin with.
    let package: String
    /// How many bytes there are in all.
    let totalSize: Int64
    /// How many files.
    let count: Int
    private let partSize: Int64

    /// Lays out a package of `totalSize` bytes.
    ///
    /// - Throws: `ArchiveError.tooManyParts` with the size that would do.
    init(package: String, totalSize: Int64, partSize: Int64) throws(ArchiveError) {
        self.package = package
        self.totalSize = totalSize
        self.partSize = partSize
        let most = Int64(VolumeIndex.largestCount)
        let count = (totalSize - 1) / partSize + 1
        guard count <= most else {
            throw .tooManyParts(path: package, count: count, smallest: (totalSize - 1) / most + 1)
        }
        self.count = Int(count)
    }

    /// The files' positions, from 0 on.
    var positions: Range<Int> { 0..<count }

    /// Where a file's first byte stands in the package.
    func offset(at position: Int) -> Int64 { Int64(position) * partSize }

    /// How many bytes a file has when it is whole.
    func size(at position: Int) -> Int64 { min(partSize, totalSize - offset(at: position)) }

    /// Where a file is.
    func path(at position: Int) -> String { VolumeIndex.name(ofPart: position + 1, of: count, in: package) }

    /// The name of a file in its folder.
    func name(at position: Int) -> String { Self.name(of: path(at: position)) }

    /// The file that the byte at `offset` is in.
    func position(of offset: Int64) -> Int { Int(offset / partSize) }

    /// The last component of a path.
    static func name(of path: String) -> String { FilePath(path).lastComponent?.string ?? path }
}
