import ArgumentParser
import LibC
import SystemPackage

/// The files that one run reads as packages or writes: each is another one.
enum OutputPaths {
    /// Makes sure that no two of `files` are the same, by name or on disk.
    ///
    /// - Throws: `ValidationError` naming two flags, or what else they are.
    static func check(_ files: [(what: String, path: String?)]) throws {
        var known: [(what: String, key: String)] = []
        for (what, path) in files {
            guard let path, !path.isEmpty, path != "-", !path.hasPrefix("/dev/") else { continue }
            for key in keys(of: path) {
                if let other = known.first(where: { $0.key == key && $0.what != what }) {
                    throw ValidationError("\(other.what) and \(what) are the same file, '\(path)'; name another one")
                }
                known.append((what, key))
            }
        }
    }

    private static func keys(of path: String) -> [String] {
        let plain = FilePath(path).lexicallyNormalized().string
        var status = stat()
        guard stat(path, &status) == 0 else { return [plain] }
        return [plain, "\(status.st_dev):\(status.st_ino)"]
    }
}
