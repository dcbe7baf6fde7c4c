import ContainerImage
import FoundationEssentials
import LibC
import SystemPackage

/// The files in a folder. Links that lead out of it are refused, and so is what is not a regular file.
struct FolderFiles: LayoutFiles {
    let path: String
    /// The folder with all links resolved.
    private let root: String

    init(path: String) throws(ArchiveError) {
        self.path = path
        root = try Self.resolved(path, in: path)
    }

    /// Whether there is a folder at `path`.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A folder doesn't tell.
    var isWhole: Bool { true }

    /// The names of all files, at any depth.
    var names: [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return names.filter { !Self.isFolder("\(root)/\($0)") }.sorted()
    }

    func place(of name: String) throws(ArchiveError) -> FileSlice? {
        let whole = "\(root)/\(name)"
        guard access(whole, F_OK) == 0 else { return nil }
        let target = try Self.resolved(whole, in: path)
        guard target.hasPrefix(root == "/" ? root : root + "/") else {
            throw .damaged(path: path, entry: name, reason: "it is a symbolic link that leads out of the folder")
        }
        var status = stat()
        guard stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .damaged(path: path, entry: name, reason: "it is not a regular file")
        }
        let file = try RandomAccessFile(path: target)
        return FileSlice(file: file, offset: 0, size: file.size, name: name)
    }

    private static func resolved(_ name: String, in path: String) throws(ArchiveError) -> String {
        guard let resolved = realpath(name, nil) else {
            throw .file(path: path, doing: "Reading package", reason: "\(Errno(rawValue: errno))")
        }
        defer { free(resolved) }
        // A name that isn't UTF-8 must not come to mean another.
        guard let text = String(validatingCString: resolved) else {
            throw .file(path: path, doing: "Reading package", reason: "the folder's name is not UTF-8")
        }
        return text
    }
}
