import LibC
import SystemPackage

/// The files of an older package of the same name that was cut.
struct FormerVolumes: Sendable {
    /// Whether there is an index that lists them.
    let isListed: Bool
    private let index: FilePath
    private let others: [FilePath]

    /// Looks for them beside the files of `layout`.
    ///
    /// - Throws: `ArchiveError` for a file that a reader would take for one of the package, and that no older index lists.
    init(of layout: VolumeLayout) throws(ArchiveError) {
        let path = VolumeIndex.path(of: layout.package)
        index = FilePath(path)
        let folder = index.removingLastComponent()
        var status = stat()
        isListed = stat(path, &status) == 0
        let listed = Set(isListed ? ((try? VolumeIndex(path: path))?.parts ?? []).map { Array($0.name.utf8) } : [])
        let own = Set(layout.positions.map { Array(layout.name(at: $0).utf8) })
        let prefix = Array((VolumeLayout.name(of: layout.package) + ".").utf8)
        var others: [FilePath] = []
        for name in Self.names(in: folder) where !own.contains(name) && Self.isPart(name, after: prefix) {
            guard let component = FilePath.Component(platformString: name.map { CChar(bitPattern: $0) } + [0]) else {
                continue
            }
            let other = folder.appending(component)
            guard listed.contains(name) else {
                throw .file(
                    path: other.string,
                    doing: "Writing package",
                    reason: "it would look like one of the package's parts and is none; move it away"
                )
            }
            others.append(other)
        }
        self.others = others
    }

    /// Whether a name has at least three digits after `prefix`, and nothing else.
    private static func isPart(_ name: [UInt8], after prefix: [UInt8]) -> Bool {
        guard name.starts(with: prefix) else { return false }
        let digits = name.dropFirst(prefix.count)
        return digits.count >= 3 && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func names(in folder: FilePath) -> [[UInt8]] {
        guard let stream = (folder.isEmpty ? "." : folder).withPlatformString({ opendir($0) }) else { return [] }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            withUnsafeBytes(of: entry.pointee.d_name) { names.append(Array($0.prefix { $0 != 0 })) }
        }
        return names
    }

    /// Removes the index: the files aren't a whole package any more.
    func removeIndex() { _ = index.withPlatformString { unlink($0) } }

    /// Removes the files that the new package doesn't have.
    func removeOthers() { for other in others { _ = other.withPlatformString { unlink($0) } } }
}
