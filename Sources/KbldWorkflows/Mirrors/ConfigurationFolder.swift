import ClusterConfiguration
import ContainerImage
import LibC
import LocalFiles
import SystemPackage

/// The folder that a configuration is in. Files that others wrote are never replaced.
struct ConfigurationFolder: Sendable {
    let path: String

    private enum State {
        case missing, same, ours, foreign
    }

    private func path(of file: ConfigurationFile) -> String { FilePath(path).appending(file.path).string }

    private func state(of file: ConfigurationFile) throws(FileReadingError) -> State {
        let path = path(of: file)
        var status = stat()
        guard lstat(path, &status) == 0 else { return .missing }
        guard status.st_mode & S_IFMT == S_IFREG else { return .foreign }
        let bytes = try Self.bytes(of: path)
        if bytes == Array(file.text.utf8) { return .same }
        if bytes.starts(with: "\(ConfigurationFile.firstLine)\n".utf8) { return .ours }
        // One that can't have comments has its checksum beside it.
        guard let recorded = try? Self.bytes(of: self.path(of: file.checksum)) else { return .foreign }
        let ours = ConfigurationFile(path: file.path, text: String(decoding: bytes, as: UTF8.self)).checksum.text
        return recorded == Array(ours.utf8) ? .ours : .foreign
    }

    private static func bytes(of path: String) throws(FileReadingError) -> [UInt8] {
        do throws(SmallFileError) {
            return try SmallFile.bytes(of: path, limit: 16 << 20)
        } catch {
            throw FileReadingError(path: path, reason: error.reason)
        }
    }

    /// Makes sure that no file of others is in the way.
    ///
    /// - Throws: `ForeignFileError` naming the first.
    func check(_ files: [ConfigurationFile]) throws {
        for file in files where try state(of: file) == .foreign { throw ForeignFileError(path: path(of: file)) }
    }

    /// Writes what isn't there already.
    ///
    /// - Returns: The paths of the files that were written.
    /// - Throws: `ForeignFileError` before anything is written; `TextFileError`.
    func write(_ files: [ConfigurationFile]) throws -> [String] {
        try check(files)
        var written: [String] = []
        for file in files where try state(of: file) != .same {
            let path = path(of: file)
            try Self.makeFolder(FilePath(path).removingLastComponent(), for: path)
            try TextFile.write(file.text, to: path, permissions: FilePermissions(rawValue: 0o644))
            written.append(path)
        }
        return written
    }

    private static func makeFolder(_ folder: FilePath, for path: String) throws(TextFileError) {
        guard !folder.isEmpty, mkdir(folder.string, 0o755) != 0, errno != EEXIST else { return }
        let reason = Errno(rawValue: errno)
        guard reason == .noSuchFileOrDirectory, !folder.removingLastComponent().isEmpty else {
            throw TextFileError(path: path, reason: "the folder '\(folder)' can't be made: \(reason)")
        }
        try makeFolder(folder.removingLastComponent(), for: path)
        guard mkdir(folder.string, 0o755) == 0 || errno == EEXIST else {
            throw TextFileError(path: path, reason: "the folder '\(folder)' can't be made: \(Errno(rawValue: errno))")
        }
    }

    /// What isn't as it would be written, a line for each file.
    func differences(from files: [ConfigurationFile]) throws -> [String] {
        try files.compactMap { file in
            switch try state(of: file) {
            case .same: nil
            case .missing: "\(path(of: file)) is missing"
            case .ours: "\(path(of: file)) differs"
            case .foreign: "\(path(of: file)) is not one that this program wrote"
            }
        }
    }
}

/// A file of others where one of ours would be.
package struct ForeignFileError: Error, Sendable, CustomStringConvertible {
    /// The file.
    package let path: String

    /// What is in the way, and what helps.
    package var description: String {
        "'\(path)' was written by others, and is not replaced; move it away, or name another folder"
    }
}
