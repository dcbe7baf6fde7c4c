import ArgumentParser
import FoundationEssentials
import KubernetesYAML
import LibC
import Packages
import SystemPackage

/// The files that one run reads and writes: what is written is never what was read.
enum OutputPaths {
    /// A file, and what it is: a flag, or words.
    typealias Named = (what: String, path: String?)

    /// Makes sure that no two of `files` are the same, by name or on disk.
    ///
    /// - Throws: `ValidationError` naming two flags, or what else they are.
    static func check(_ files: [Named]) throws {
        var known: [(what: String, key: String)] = []
        for (what, path) in files {
            guard let path, isFile(path) else { continue }
            for key in keys(of: path) {
                if let other = known.first(where: { $0.key == key && $0.what != what }) {
                    throw sameFile(other.what, what, path)
                }
                known.append((what, key))
            }
        }
    }

    /// Makes sure that `outputs` are different files, and none of them an input, a part of one, or in one that is a folder.
    ///
    /// - Parameters:
    ///   - packages: What is read whole: packages, and folders that are layouts.
    ///   - documents: The files and folders of documents. Files are written into such folders, but not over others.
    static func check(_ outputs: [Named], packages: [Named] = [], documents: [String] = []) throws {
        try check(outputs)
        for (what, path) in outputs {
            guard let path, isFile(path) else { continue }
            for (input, inputPath) in packages {
                guard let inputPath, isFile(inputPath) else { continue }
                if isSame(path, inputPath) { throw sameFile(input, what, path) }
                guard !isPart(path, of: inputPath) else {
                    throw ValidationError("\(what) '\(path)' is a part of \(input), '\(inputPath)'; name another file")
                }
            }
            if documents.contains(where: { isFile($0) && isSame(path, $0) }) { throw sameFile("--file", what, path) }
        }
    }

    /// Makes sure that locks replace no documents but locks and configuration.
    static func check(locks: [Named], documents: [String]) throws {
        for (what, path) in locks {
            guard let path, isFile(path), documents.contains(where: { isFile($0) && isSame(path, $0) }),
                !isConfiguration(path)
            else { continue }
            throw ValidationError(
                "--file and \(what) are the same file, '\(path)', which is not a lock; name another one"
            )
        }
    }

    private static func sameFile(_ one: String, _ other: String, _ path: String) -> ValidationError {
        ValidationError("\(one) and \(other) are the same file, '\(path)'; name another one")
    }

    private static func isFile(_ path: String) -> Bool {
        !path.isEmpty && path != PackagePath.standardStream && !path.hasPrefix("/dev/")
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        !Set(keys(of: one)).isDisjoint(with: keys(of: other))
    }

    private static func keys(of path: String) -> [String] {
        let plain = FilePath(path).lexicallyNormalized().string
        var status = stat()
        guard stat(path, &status) == 0 else { return [plain] }
        return [plain, "\(status.st_dev):\(status.st_ino)"]
    }

    /// Whether a file is in a layout's folder, or one of the files of a package in parts.
    private static func isPart(_ path: String, of package: String) -> Bool {
        let (file, input) = (FilePath(path).lexicallyNormalized(), FilePath(package).lexicallyNormalized())
        var status = stat()
        if stat(package, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            var folder = file.removingLastComponent()
            while true {
                if isSame(folder.isEmpty ? "." : folder.string, package) { return true }
                let parent = folder.removingLastComponent()
                guard !folder.isEmpty, parent != folder else { return false }
                folder = parent
            }
        }
        guard let name = input.lastComponent?.string, let own = file.lastComponent?.string,
            name.hasSuffix(VolumeIndex.suffix),
            let suffix = own.suffix(after: name.dropLast(VolumeIndex.suffix.count) + "."),
            suffix == "SHA256SUMS" || suffix == "volumes.json" || suffix.utf8.allSatisfy(isDigit)
        else { return false }
        let folders = [file, input].map { $0.removingLastComponent().string }.map { $0.isEmpty ? "." : $0 }
        return isSame(folders[0], folders[1])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether a file has locks and configuration of kbld's and imgpkg's alone, or nothing.
    private static func isConfiguration(_ path: String) -> Bool {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let values = try? YAMLReader.values(in: text, file: path)
        else { return false }
        return values.allSatisfy { value in
            guard value != .null, let version = value["apiVersion"]?.stringValue else { return value == .null }
            return version.hasPrefix("kbld.k14s.io/") || version.hasPrefix("imgpkg.carvel.dev/")
        }
    }
}

extension String {
    fileprivate func suffix(after start: Substring) -> Substring? {
        hasPrefix(start) ? dropFirst(start.count) : nil
    }
}
