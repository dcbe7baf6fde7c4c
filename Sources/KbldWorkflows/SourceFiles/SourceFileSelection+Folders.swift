import DocumentInput
import LibC
import SourceReferences
import SystemPackage

extension SourceFileSelection {
    /// The hidden folders in which pipelines are.
    private static let hiddenFolders: Set = [".github", ".gitlab", ".circleci", ".tekton", ".woodpecker"]

    /// Adds the files of a folder whose names `isWanted`, at any depth, in the order of their names' bytes.
    ///
    /// - Returns: The folders that can't be read.
    static func collect(
        _ folder: FilePath,
        into found: inout [FilePath],
        isWanted: (String) -> Bool
    ) -> [SourceFileError] {
        guard let names = names(in: folder) else {
            return [SourceFileError(path: folder.shown, reason: "\(Errno(rawValue: errno))")]
        }
        var failures: [SourceFileError] = []
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let path = folder.appending(bytes: name)
            let isHidden = name.first == UInt8(ascii: ".")
            var status = stat()
            guard path.withPlatformString({ lstat($0, &status) }) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                if isHidden, !hiddenFolders.contains(String(decoding: name, as: UTF8.self)) { continue }
                failures += collect(path, into: &found, isWanted: isWanted)
            case S_IFREG:
                if isWanted(path.shown) { found.append(path) }
            case S_IFLNK:
                // One to a folder may lead back up.
                if isWanted(path.shown), !isFolder(path) { found.append(path) }
            default: continue
            }
        }
        return failures
    }

    private static func names(in folder: FilePath) -> [[UInt8]]? {
        guard let directory = folder.withPlatformString({ opendir($0) }) else { return nil }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    static func isFolder(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func isLink(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The path with all links followed; nil if there is no such file.
    static func realPath(of path: FilePath) -> FilePath? {
        path.withPlatformString { name in
            guard let real = realpath(name, nil) else { return nil }
            defer { free(real) }
            return FilePath(platformString: real)
        }
    }
}

extension FilePath {
    /// The name's bytes.
    var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// The path as it is shown: bytes that aren't UTF-8 are escaped.
    var shown: String { InputName.shown(InputName.text(of: bytes)) }

    /// The same without `./` at its beginning.
    var withoutDot: FilePath {
        guard isRelative, components.count > 1, components.first?.kind == .currentDirectory else { return self }
        return FilePath(root: nil, components.dropFirst())
    }

    /// The entry of this folder.
    func appending(bytes name: [UInt8]) -> FilePath {
        (name + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CInterop.PlatformChar.self) else {
                return self
            }
            return appending(FilePath(platformString: start).components)
        }
    }
}
